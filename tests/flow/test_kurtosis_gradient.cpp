#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/flow/kurtosis_gradient.hpp"
#include "popflow/flow/quartic_flow.hpp"
#include "popflow/lattice/quadrature.hpp"
#include "popflow/moments/zero_cumulant.hpp"
#include "popflow/tensor/exact_cumulant.hpp"

#include "log_slope.hpp"
#include "one_neuron_reference.hpp"
#include "scaled_cumulant.hpp"

BOOST_AUTO_TEST_SUITE(kurtosis_gradient)

using namespace popflow;
using namespace popflow::test;

static_assert(PopulationGradient<KurtosisGradient>);

namespace {

const std::vector<std::vector<int>> shapes{{7}, {8}, {3, 4}};

// Every quantity is of order one, and a sum of at most 12^4 products.
constexpr double rounding = 1e-11;

// kappa_i[u, u, u] over sites.
Field cube(CumulantOperator op, const Field& u) {
  FourierTransform fourier(op.torus());
  Spectrum out(op.torus().half_modes());
  op.contract(fourier.forward(u), out);
  return fourier.backward(out);
}

// Minus the rate of the quartic flow, over sites.
Field quartic_gradient(const QuarticFlow& flow, const Field& u) {
  return -flow.weights(flow(flow.state(u.transpose()))).row(0).transpose();
}

// The law of y = lambda / sqrt Q as documented: probabilities, means, variances.
using Law = std::vector<std::array<double, 3>>;

Law law_of(double e) {
  if (e <= 0.0) {
    const double m = std::pow(-0.5 * std::max(e, -2.0), 0.25);
    return {{0.5, m, 1.0 - m * m}, {0.5, -m, 1.0 - m * m}};
  }
  if (e <= 3.0) {
    const double c = std::sqrt(e / 3.0);
    return {{0.5, 0.0, 1.0 + c}, {0.5, 0.0, 1.0 - c}};
  }
  const double p = 3.0 / (3.0 + e);
  return {{p, 0.0, 1.0 / p}, {1.0 - p, 0.0, 0.0}};
}

// E g(y), by Gauss-Legendre rules of 12 nodes on 48 pieces of each normal law.
template <class Integrand>
double average_over(const Law& law, const Integrand& g) {
  static const QuadratureRule rule = gauss_legendre(12, 0.0, 1.0);
  constexpr int pieces = 48;
  double sum = 0.0;
  for (const auto& [probability, mean, variance] : law)
    for (int piece = 0; piece < pieces; ++piece)
      for (Eigen::Index m = 0; m < rule.nodes.size(); ++m) {
        const double xi = -10.0 + 20.0 * (piece + rule.nodes[m]) / pieces;
        sum += probability * 20.0 / pieces * rule.weights[m] * std::exp(-0.5 * xi * xi) /
               std::sqrt(2.0 * std::acos(-1.0)) * g(mean + std::sqrt(variance) * xi);
      }
  return sum;
}

// The closure by its definition: (Cu)_i E[lambda f]/Q + (kappa_i - kappa4/Q (Cu)_i) E[h f]/E[h^2].
Eigen::VectorXd brute_force(const Task& task, const std::vector<CumulantOperator>& cumulants,
                            const Neuron& neuron, const Parameters& at) {
  const Field u = at.values.head(at.sites());
  Parameters sum(1, at.sites());
  for (std::size_t c = 0; c < task.size(); ++c) {
    const Field Cu = filtered(task[c].input, u), kappa = cube(cumulants[c], u);
    const double Q = u.dot(Cu), root = std::sqrt(Q), e = u.dot(kappa) / (Q * Q);
    const Law law = law_of(e);
    const auto sigma = [&](double y) {
      return derivatives(neuron.activation, root * y + neuron.bias);
    };
    const double v = neuron.second_layer, label = task[c].label, p = task[c].probability;
    const auto f = [&](double y) { return (v * sigma(y)[0] - label) * v * sigma(y)[1]; };
    const double mu4 = average_over(law, [](double y) { return std::pow(y, 4); });
    const auto h = [mu4](double y) { return y * y * y - mu4 * y; };
    const double linear = average_over(law, [&](double y) { return y * f(y); }) / root;
    const double cubic = average_over(law, [&](double y) { return h(y) * f(y); }) /
                         (root * Q * average_over(law, [&](double y) { return h(y) * h(y); }));
    sum.values.head(at.sites()) += p * (linear * Cu + cubic * (kappa - e * Q * Cu));
    sum.bias()[0] += p * average_over(law, f);
    sum.second()[0] +=
        p * average_over(law, [&](double y) { return (v * sigma(y)[0] - label) * sigma(y)[0]; });
  }
  return sum.values;
}

double largest(const Eigen::VectorXd& values) { return values.cwiseAbs().maxCoeff(); }

}  // namespace

BOOST_AUTO_TEST_CASE(gaussian_inputs_have_the_gaussian_gradient) {
  for (const auto& shape : shapes) {
    for (const auto& [neuron_name, neuron] : neurons_with_relu())
      for (const Loss loss : losses) {
        const Task task = labelled_for(loss, gaussian_clones(lopsided_task(shape)));
        const Network network{neuron.activation, loss};
        const KurtosisGradient gradient(task, network, scaled_cumulants(task));
        for (const double scale : {1e-3, 0.8, 3.0}) {
          const Parameters at = one_neuron(lattice_of(task), neuron, scale, 1);
          const Eigen::VectorXd exact = gaussian_gradient_at(task, network, at);
          const Eigen::VectorXd off = gradient_at(gradient, at) - exact;
          const double error = largest(off);
          BOOST_TEST(largest(off.head(at.sites())) <= 1e-10 * largest(exact.head(at.sites())),
                     neuron_name << ", " << name(loss) << ", |u| = " << scale);
          BOOST_TEST(error <= 1e-10 * std::max(1.0, largest(exact)),
                     neuron_name << ", " << name(loss) << ", |u| = " << scale << ": " << error);
        }
      }
  }
}

// The factors reach every branch of the law: excess kurtoses from -2 to 0, to 3, and beyond.
BOOST_AUTO_TEST_CASE(gradient_is_the_closure) {
  const Task task{{0.8, 0.6, nlgp({8}, 3.0, 2.0)}, {-1.1, 0.4, nlgp({8}, 0.9, 0.8)}};
  for (const double factor : {1.0, 0.3, 1e-3, -1e-3, -1.0, -8.0, -40.0}) {
    const auto cumulants = scaled_cumulants(task, factor);
    for (const auto& [neuron_name, neuron] : quick_neurons()) {
      if (neuron_name == "relu") continue;  // its kink needs another rule
      const Network network{neuron.activation, Loss::squared};
      const KurtosisGradient gradient(task, network, cumulants);
      for (const double scale : {0.3, 2.0}) {
        const Parameters at = one_neuron(lattice_of(task), neuron, scale, 2);
        const Eigen::VectorXd exact = brute_force(task, cumulants, neuron, at);
        const double error = largest(gradient_at(gradient, at) - exact);
        BOOST_TEST(error <= 1e-10 * std::max(1.0, largest(exact)),
                   neuron_name << ", factor " << factor << ", |u| = " << scale << ": " << error);
      }
    }
  }
}

// f is then a cubic polynomial of lambda, of which the closure knows all that enters; so does the
// quartic flow.
BOOST_AUTO_TEST_CASE(quadratic_activations_have_the_exact_gradient) {
  const Neuron neuron{Polynomial{{0.2, 0.7, -0.3}}, -0.4, 1.3};
  for (const auto& shape : shapes) {
    const Task task = lopsided_task(shape);
    for (const double factor : {1.0, -1.0, -20.0}) {
      const auto cumulants = scaled_cumulants(task, factor);
      const KurtosisGradient gradient(task, {neuron.activation, Loss::squared}, cumulants);
      for (const double scale : {0.1, 1.0}) {
        const Parameters at = one_neuron(lattice_of(task), neuron, scale, 3);
        const Field u = at.values.head(at.sites());
        const Field exact =
            quartic_gradient(QuarticFlow(task, neuron, Loss::squared, cumulants), u);
        const double error = largest(gradient_at(gradient, at).head(at.sites()) - exact);
        BOOST_TEST(error <= rounding * std::max(1.0, largest(exact)),
                   "factor " << factor << ", |u| = " << scale << ": " << error);
      }
    }
  }
}

// The difference is of fifth order, with a relative correction of the order of |u|^2.
BOOST_AUTO_TEST_CASE(small_weights_flow_as_in_the_quartic_flow) {
  const Task task = two_lengths({8}, 3.0, 2.0, 0.8);
  const Neuron neuron{Erf{}, -1.0, 1.0};
  const KurtosisGradient gradient(task, {neuron.activation, Loss::squared}, scaled_cumulants(task));
  std::vector<double> norms{0.03, 0.06, 0.12, 0.24}, errors;
  for (const double norm : norms) {
    const Parameters at = one_neuron(lattice_of(task), neuron, norm, 4);
    const Field exact =
        quartic_gradient(QuarticFlow(task, neuron, Loss::squared), at.values.head(at.sites()));
    errors.push_back((gradient_at(gradient, at).head(at.sites()) - exact).norm());
  }
  const double slope = log_slope(norms, errors);
  BOOST_TEST(std::abs(slope - 5.0) < 0.1, "slope " << slope);
}

// The difference quotients from both sides agree up to the square root of the step, as the sixth
// cumulant of the law is 2 sqrt(2) |e|^(3/2) below and 0 above.
BOOST_AUTO_TEST_CASE(gradient_is_continuous_in_the_kurtosis) {
  const Task task{{1.0, 1.0, nlgp({8}, 3.0, 2.0)}};
  const Neuron neuron{Erf{}, -0.7, 0.8};
  const Parameters at = one_neuron(lattice_of(task), neuron, 1.0, 5);
  const Network network{neuron.activation, Loss::squared};
  const auto with = [&](double factor) {
    return gradient_at(KurtosisGradient(task, network, scaled_cumulants(task, factor)), at);
  };
  constexpr double step = 1e-6;
  const Eigen::VectorXd here = with(0.0), up = (with(-step) - here) / step,
                        down = (here - with(step)) / step;
  BOOST_TEST(largest(up) > 1e-2);
  BOOST_TEST(largest(up - down) <= 2e-3 * largest(up));
  const Field u = at.values.head(at.sites());
  const double Q = u.dot(filtered(task[0].input, u));
  const double e = u.dot(cube(exact_cumulant(task[0].input), u)) / (Q * Q);
  for (const double limit : {3.0, -2.0}) {
    const double factor = limit / e;
    BOOST_TEST(largest(with(factor * (1.0 + 1e-9)) - with(factor * (1.0 - 1e-9))) <= 1e-7,
               "excess kurtosis " << limit);
  }
  // Below -2 the law is that of -2.
  BOOST_TEST((with(-2.5 / e) - with(-2.0 / e)).tail(2).cwiseAbs().maxCoeff() <= 1e-12);
}

BOOST_AUTO_TEST_CASE(no_weights_and_tiny_ones_are_within_range) {
  const Task task = lopsided_task({7});
  for (const auto& [neuron_name, neuron] : neurons_with_relu()) {
    const KurtosisGradient gradient(task, {neuron.activation, Loss::squared},
                                    scaled_cumulants(task));
    for (const double scale : {0.0, 1e-300, 1e-160, 1e-80, 1e-60, 1e-20, 1e-8}) {
      const Eigen::VectorXd there =
          gradient_at(gradient, one_neuron(lattice_of(task), neuron, scale, 6));
      BOOST_TEST(there.allFinite(), neuron_name << ", |u| = " << scale);
      BOOST_TEST(largest(there.head(7)) <= 1.0, neuron_name << ", |u| = " << scale);
    }
  }
}

BOOST_AUTO_TEST_CASE(tiny_weights_grow_at_their_rates) {
  const Task task = lopsided_task({7});
  check_tiny_weights_grow_at_their_rates(task, [&task](const Network& network) {
    return KurtosisGradient(task, network, scaled_cumulants(task));
  });
}

BOOST_AUTO_TEST_CASE(gradient_moves_with_the_weights) {
  for (const auto& shape : shapes) {
    const Task task = lopsided_task(shape);
    const Neuron neuron{Erf{}, -0.7, 0.8};
    check_equivariance(
        KurtosisGradient(task, {neuron.activation, Loss::squared}, scaled_cumulants(task)),
        lattice_of(task), one_neuron(lattice_of(task), neuron, 1.0, 8),
        [](double error, const std::string& where) { BOOST_TEST(error <= rounding, where); });
  }
}

BOOST_AUTO_TEST_CASE(what_it_cannot_serve_throws) {
  const Task task = two_lengths({8}, 3.0, 2.0, 1.0);
  const ZeroCumulant here(Torus({8})), elsewhere(Torus({9}));
  const auto with = [&task](const std::vector<CumulantOperator>& cumulants,
                            const Network& network = {}) {
    KurtosisGradient(task, network, cumulants);
  };
  BOOST_CHECK_NO_THROW(with({here, here}));
  BOOST_CHECK_THROW(with({here}), std::invalid_argument);
  BOOST_CHECK_THROW(with({here, elsewhere}), std::invalid_argument);
  BOOST_CHECK_THROW(with({here, here}, Network{.convolution = Convolution{{3}}}),
                    std::invalid_argument);
  BOOST_CHECK_THROW(KurtosisGradient({}, {}, {}), std::invalid_argument);
  KurtosisGradient gradient(task, {}, {here, here});
  for (const auto& [hidden, sites] : {std::pair{2, 8}, {1, 7}}) {
    Parameters at(hidden, sites), out = at;
    BOOST_CHECK_THROW(gradient(at, out), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_SUITE_END()
