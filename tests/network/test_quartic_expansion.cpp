#include <cmath>
#include <limits>
#include <stdexcept>

#include <boost/test/unit_test.hpp>

#include "popflow/network/quartic_expansion.hpp"

#include "exact_arithmetic.hpp"
#include "reference_neurons.hpp"

BOOST_AUTO_TEST_SUITE(quartic_expansion)

using namespace popflow;
using namespace popflow::test;

// A4 is a sum of four products of derivatives (at most 16), each with the derivatives' own rounding
// and coefficients up to 4 v^2, v at most 2.5: 1e3 epsilon.
constexpr double rounding = 1000 * std::numeric_limits<double>::epsilon();

BOOST_AUTO_TEST_CASE(coefficients_are_derivatives_of_the_loss) {
  for (const auto& [label_of_neuron, neuron] : reference_neurons())
    for (const Loss loss : losses)
      for (const double y : {1.0, -1.0, 0.35}) {
        if (loss == Loss::logistic && std::abs(y) != 1.0) continue;  // which takes no such label
        const auto f = [&n = neuron, loss, y](const Number& lambda) {
          return exact_loss(n, loss, y, lambda);
        };
        const auto [A2, A4] = popflow::quartic_expansion(neuron, loss, y);
        BOOST_TEST(std::abs(A2 - derivative(f, 0.0, 2)) <= rounding,
                   label_of_neuron << ", " << name(loss) << ", label " << y << ": A2 = " << A2);
        BOOST_TEST(std::abs(A4 - derivative(f, 0.0, 4)) <= rounding,
                   label_of_neuron << ", " << name(loss) << ", label " << y << ": A4 = " << A4);
      }
}

BOOST_AUTO_TEST_CASE(erf_neuron_of_the_simple_model_has_the_published_coefficients) {
  constexpr double last_digit = 0.51e-4;  // half a unit of the last printed digit
  const Neuron neuron{Erf{}, -1.0, 1.0};
  const auto [A2, A4] = popflow::quartic_expansion(neuron, Loss::squared, 1.0);
  BOOST_TEST(std::abs(A2 + 0.5801) <= last_digit);
  BOOST_TEST(std::abs(A4 - 2.3312) <= last_digit);
  const auto [B2, B4] = popflow::quartic_expansion(neuron, Loss::squared, -1.0);
  BOOST_TEST(std::abs(B2 - 0.3878) <= last_digit);
  BOOST_TEST(std::abs(B4 - 0.3955) <= last_digit);
}

BOOST_AUTO_TEST_CASE(correlation_loss_keeps_the_terms_in_the_label_only) {
  for (const auto& [label_of_neuron, neuron] : reference_neurons()) {
    const auto [A2, A4] = popflow::quartic_expansion(neuron, Loss::correlation, 0.0);
    BOOST_TEST(A2 == 0.0, label_of_neuron);
    BOOST_TEST(A4 == 0.0, label_of_neuron);
  }
}

BOOST_AUTO_TEST_CASE(linear_neuron_with_squared_loss_has_the_exact_expansion) {
  // 1/2 (v lambda - y)^2 has second derivative v^2 and no higher one.
  const auto [A2, A4] =
      popflow::quartic_expansion({Polynomial{{0.0, 1.0}}, 0.3, 1.5}, Loss::squared, -1.0);
  BOOST_TEST(A2 == 2.25);
  BOOST_TEST(A4 == 0.0);
}

BOOST_AUTO_TEST_CASE(relu_is_refused) {
  BOOST_CHECK_THROW(popflow::quartic_expansion({Relu{}, 0.3, 1.0}, Loss::squared, 1.0),
                    std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
