#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include <boost/test/unit_test.hpp>

#include "popflow/network/checks.hpp"
#include "popflow/network/quartic_expansion.hpp"

BOOST_AUTO_TEST_SUITE(network_checks)

using namespace popflow;

namespace {

const double not_a_number = std::numeric_limits<double>::quiet_NaN();

template <class F>
void refused(const F& f, const std::string& message) {
  BOOST_CHECK_EXCEPTION(f(), std::invalid_argument, [&](const std::invalid_argument& error) {
    return std::string(error.what()) == message;
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(losses_take_their_labels) {
  for (const double label : {1.0, -1.0}) check_label(Loss::logistic, label);
  for (const double label : {0.0, 2.5}) check_label(Loss::squared, label);
  const std::string allowed = "must be 1 or -1 with loss = \"logistic\"";
  refused([] { check_label(Loss::logistic, 0.0); }, "label 0: " + allowed);
  refused([] { quartic_expansion({}, Loss::logistic, 3.0); }, "label 3: " + allowed);
  refused([] { check_label(Loss::squared, not_a_number); }, "label nan: must be finite");
}

BOOST_AUTO_TEST_CASE(neurons_are_finite) {
  check_neuron({Polynomial{{1.0}}, 0.0, -1.0});
  refused([] { check_neuron({Erf{}, not_a_number, 1.0}); }, "bias nan: must be finite");
  refused([] { check_neuron({Erf{}, 0.0, HUGE_VAL}); }, "second layer inf: must be finite");
  const std::string allowed = "coefficients: must be finite numbers, at least one";
  refused([] { check_activation(Polynomial{}); }, allowed);
  refused([] { check_activation(Polynomial{{1.0, not_a_number}}); }, allowed);
}

BOOST_AUTO_TEST_SUITE_END()
