// Flows down a potential have a symmetric Jacobian, in the orthonormal basis of their states and
// where all that learns does so at one rate.
//
// The closures "gaussian" and "edgeworth" have a potential. "kurtosis" has one for neurons of
// second degree, for which it is exact: for others the coefficients of C u and kappa[u, u, u] are
// not the derivatives of one function. "latent" and "conditional" have none: "latent" takes the
// gradient of an average at fixed directions, but the directions follow the weights, and its
// quadrature changes in steps.

#include <string>
#include <variant>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/dynamics/gradient_flow.hpp"
#include "popflow/dynamics/stability.hpp"
#include "popflow/flow/edgeworth_gradient.hpp"
#include "popflow/flow/gaussian_gradient.hpp"
#include "popflow/flow/kurtosis_gradient.hpp"
#include "popflow/flow/quartic_flow.hpp"
#include "popflow/tensor/exact_cumulant.hpp"

#include "closed_form_networks.hpp"
#include "random_weights.hpp"
#include "reference_networks.hpp"
#include "reference_neurons.hpp"
#include "reference_tasks.hpp"

BOOST_AUTO_TEST_SUITE(gradient_flow)

using namespace popflow;
using namespace popflow::test;

namespace {

// Relative to J. Four-point differences leave 3e-13 of the flow, by rounding, and of its fifth
// derivatives, which in units of J are at most some thousand: with averages over pre-activations
// whose variance is of order one, every derivative adds a factor of two or three.
constexpr double accuracy = 1e-9;

// The quartic flow is a polynomial of third degree, so that only rounding is left.
constexpr double polynomial_accuracy = 1e-10;

constexpr Learning equal_rates{.bias_rate = 1.0, .second_layer_rate = 1.0};

const std::vector<std::vector<int>> lattices{{7}, {3, 4}};

std::vector<CumulantOperator> exact_cumulants(const Task& task) {
  std::vector<CumulantOperator> cumulants;
  for (const TaskClass& c : task) cumulants.push_back(exact_cumulant(c.input));
  return cumulants;
}

template <Flow F>
void check_symmetric(const F& flow, const State& at, double relative, const std::string& where) {
  const Eigen::MatrixXd J = jacobian(flow, at);
  const double asymmetry = (J - J.transpose()).norm();
  BOOST_TEST(J.rows() == at.layout().size());
  BOOST_TEST(asymmetry <= relative * J.norm(), where << ": " << asymmetry << " of " << J.norm());
  BOOST_TEST(stability(J).symmetric, where);
}

// The flow of all parameters, and that of the first layer alone.
template <PopulationGradient Gradient>
void check_symmetric(const Gradient& gradient, const Parameters& at, const std::string& where) {
  for (const Learning& learning : {equal_rates, Learning{}}) {
    const GradientFlow flow(gradient, at, learning);
    check_symmetric(flow, flow.state(at), accuracy, where);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(jacobians_down_closures_with_a_potential_are_symmetric) {
  for (const auto& shape : lattices) {
    const Task task = lopsided_task(shape);
    const std::vector<CumulantOperator> cumulants = exact_cumulants(task);
    for (const Eigen::Index hidden : {1, 2})
      for (const auto& [name, network] : closed_form_networks()) {
        // Pre-activations that are nearly the same have large derivatives: with this seed none of
        // two neurons are correlated by more than 0.4.
        const Parameters at = random_parameters(Torus(shape), network, hidden, 5);
        check_symmetric(GaussianGradient(task, network, hidden), at, "gaussian, " + name);
        if (!std::holds_alternative<Relu>(network.activation))
          check_symmetric(EdgeworthGradient(task, network, hidden, cumulants), at,
                          "edgeworth, " + name);
      }
  }
}

BOOST_AUTO_TEST_CASE(jacobians_of_the_quartic_flow_are_symmetric) {
  for (const auto& shape : lattices) {
    const std::vector<CumulantOperator> cumulants = exact_cumulants(lopsided_task(shape));
    for (const Loss loss : losses)
      for (const auto& [name, neuron] : reference_neurons()) {
        const QuarticFlow flow(labelled_for(loss, lopsided_task(shape)), neuron, loss, cumulants);
        check_symmetric(flow, flow.state(random_weights(1, flow.torus().sites(), 2)),
                        polynomial_accuracy, name);
      }
  }
}

BOOST_AUTO_TEST_CASE(the_kurtosis_closure_has_a_potential_for_quadratic_neurons) {
  const Polynomial quadratic{{0.3, 0.8, -0.4}};
  for (const auto& shape : lattices) {
    const Task task = lopsided_task(shape);
    const std::vector<CumulantOperator> cumulants = exact_cumulants(task);
    for (const Loss loss : {Loss::squared, Loss::correlation}) {
      const Network network{quadratic, loss}, other{Erf{}, loss};
      const Parameters at = random_parameters(Torus(shape), network, 1, 3);
      check_symmetric(KurtosisGradient(task, network, cumulants), at, "kurtosis");
      const GradientFlow flow(KurtosisGradient(task, other, cumulants), at, equal_rates);
      BOOST_TEST(!stability(flow, flow.state(at)).symmetric);
    }
  }
}

BOOST_AUTO_TEST_CASE(at_other_rates_jacobians_are_not_symmetric) {
  const Task task = lopsided_task({7});
  const Parameters at = random_parameters(Torus({7}), {}, 2, 4);
  for (const Learning& learning :
       {Learning{.bias_rate = 0.5}, Learning{.second_layer_rate = 2.0}}) {
    const GradientFlow flow(GaussianGradient(task, {}, 2), at, learning);
    BOOST_TEST(!stability(flow, flow.state(at)).symmetric);
  }
}

BOOST_AUTO_TEST_SUITE_END()
