#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/flow/conditional_gradient.hpp"
#include "popflow/lattice/quadrature.hpp"
#include "popflow/network/quartic_expansion.hpp"

#include "flow/one_neuron.hpp"
#include "log_slope.hpp"
#include "one_neuron_reference.hpp"

BOOST_AUTO_TEST_SUITE(conditional_gradient)

using namespace popflow;
using namespace popflow::test;

static_assert(PopulationGradient<ConditionalGradient>);

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

const std::vector<std::vector<int>> shapes{{7}, {8}, {3, 4}};

// The closure by its definition: sums over sites, and Gauss-Legendre rules over z on pieces that
// grow with their distance from 0, where psi is steep.
Field brute_force(const Task& task, const Network& network, const Parameters& at) {
  static const QuadratureRule rule = gauss_legendre(12, 0.0, 1.0);
  const Field u = at.values.head(at.sites());
  Field sum = Field::Zero(u.size());
  for (const TaskClass& c : task) {
    const NeuronAverage average(network.activation, network.loss, c.label);
    const PointwiseField psi = *c.input.pointwise();
    const Field Cu = filtered(c.input, u);
    const double variance = c.input.covariance()[0], Q = u.dot(Cu);
    for (Eigen::Index i = 0; i < u.size(); ++i) {
      const double a = Cu[i] / variance, V = Q - a * a * variance;
      double from = 0.0;
      for (int piece = 1; piece <= 30; ++piece) {
        const double to = 9.5 * std::expm1(0.4 * piece) / std::expm1(12.0);
        for (Eigen::Index m = 0; m < rule.nodes.size(); ++m) {
          const double z = from + (to - from) * rule.nodes[m];
          const double weight = (to - from) * rule.weights[m] * std::exp(-0.5 * z * z) /
                                std::sqrt(2.0 * std::acos(-1.0));
          for (const double x : {psi(z), -psi(z)})
            sum[i] += c.probability * weight * x *
                      average.slopes({at.bias()[0], at.second()[0], a * x, V}, 0)[0];
        }
        from = to;
      }
    }
  }
  return sum;
}

// A field times a number.
class Scaled {
 public:
  Scaled(NonlinearGaussianField field, double factor) : field_(std::move(field)), s_(factor) {}
  const Torus& torus() const { return field_.torus(); }
  Field covariance() const { return s_ * s_ * field_.covariance(); }
  Field spectrum() const { return s_ * s_ * field_.spectrum(); }
  double four_point(int a, int b, int c) const {
    return std::pow(s_, 4) * field_.four_point(a, b, c);
  }
  PointwiseField pointwise() const {
    PointwiseField result = *Input(field_).pointwise();
    result.scale *= s_;
    return result;
  }
  void sample(RandomStream& stream, Eigen::Ref<Field> out) {
    field_.sample(stream, out);
    out *= s_;
  }

 private:
  NonlinearGaussianField field_;
  double s_;
};

// An input that says nothing of how it is made.
class Reticent {
 public:
  explicit Reticent(NonlinearGaussianField field) : field_(std::move(field)) {}
  const Torus& torus() const { return field_.torus(); }
  Field covariance() const { return field_.covariance(); }
  Field spectrum() const { return field_.spectrum(); }
  double four_point(int a, int b, int c) const { return field_.four_point(a, b, c); }
  void sample(RandomStream& stream, Eigen::Ref<Field> out) { field_.sample(stream, out); }

 private:
  NonlinearGaussianField field_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(gaussian_inputs_have_the_gaussian_gradient) {
  const auto check = [](const std::vector<int>& shape, const NamedNeuron& named, Loss loss,
                        double scale) {
    Task task = gaussian_clones(lopsided_task(shape));
    task[1].input = gaussian_clone(Scaled(nlgp(shape, 0.9, 0.8), 0.7));
    const Network network{named.neuron.activation, loss};
    const Parameters at = one_neuron(lattice_of(task), named.neuron, scale, 1);
    const Eigen::VectorXd exact = gaussian_gradient_at(task, network, at);
    const Eigen::VectorXd off = gradient_at(ConditionalGradient(task, network), at) - exact;
    const double error = off.cwiseAbs().maxCoeff();
    BOOST_TEST(off.head(at.sites()).norm() <= 1e-10 * exact.head(at.sites()).norm(),
               named.name << ", " << name(loss) << ", |u| = " << scale);
    BOOST_TEST(error <= 1e-10 * std::max(1.0, exact.cwiseAbs().maxCoeff()),
               named.name << ", " << name(loss) << ", |u| = " << scale << ": " << error);
  };
  for (const NamedNeuron& named : quick_neurons())
    for (const Loss loss : {Loss::squared, Loss::correlation})
      for (const double scale : {1e-3, 0.8, 3.0})
        for (const auto& shape : shapes) check(shape, named, loss, scale);
  check({3}, {"tanh", {Tanh{}, 0.4, -1.3}}, Loss::squared, 0.8);
}

// The Gaussian gradient is that of the average loss, which depends on the weights through Q alone.
BOOST_AUTO_TEST_CASE(gaussian_inputs_have_the_gradient_of_their_loss) {
  const Task task = gaussian_clones(lopsided_task({7}));
  for (const auto& [neuron_name, neuron] : quick_neurons()) {
    const Network network{neuron.activation, Loss::squared};
    const auto loss = [&](const Parameters& at) {
      const Field u = at.values.head(at.sites());
      double sum = 0.0;
      for (const TaskClass& c : task)
        sum += c.probability *
               NeuronAverage(network.activation, network.loss, c.label)
                   .loss({at.bias()[0], at.second()[0], 0.0, u.dot(filtered(c.input, u))});
      return sum;
    };
    const Parameters at = one_neuron(lattice_of(task), neuron, 0.8, 2);
    const Eigen::VectorXd gradient = gradient_at(ConditionalGradient(task, network), at);
    // Central differences of fourth order err by h^4 / 30 of the fifth derivative.
    constexpr double h = 2e-3, allowed = 1e-9;
    for (Eigen::Index n = 0; n < at.values.size(); ++n) {
      const auto moved = [&](double by) {
        Parameters there = at;
        there.values[n] += by;
        return loss(there);
      };
      const double slope =
          (8.0 * (moved(h) - moved(-h)) - (moved(2.0 * h) - moved(-2.0 * h))) / (12.0 * h);
      BOOST_TEST(std::abs(gradient[n] - slope) <= allowed * (1.0 + std::abs(slope)),
                 neuron_name << ", parameter " << n << ": " << gradient[n] << " and " << slope);
    }
  }
}

BOOST_AUTO_TEST_CASE(gradient_is_the_average_over_the_marginal) {
  for (const double gain : {0.5, 3.0, 10.0, 100.0, infinity}) {
    const Task task{{0.8, 0.6, nlgp({7}, gain, 2.0)},
                    {-1.1, 0.4, Scaled(nlgp({7}, gain, 0.8), 0.7)}};
    for (const auto& [neuron_name, neuron] : quick_neurons()) {
      const Network network{neuron.activation, Loss::squared};
      const ConditionalGradient gradient(task, network);
      for (const double scale : {0.3, 2.0}) {
        const Parameters at = one_neuron(lattice_of(task), neuron, scale, 3);
        const Field exact = brute_force(task, network, at);
        const double error =
            (gradient_at(gradient, at).head(at.sites()) - exact).cwiseAbs().maxCoeff();
        BOOST_TEST(error <= 1e-10 * std::max(1.0, exact.cwiseAbs().maxCoeff()),
                   neuron_name << ", gain " << gain << ", |u| = " << scale << ": " << error);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_logistic_loss_is_averaged_too) {
  const Task task{{1.0, 1.0, nlgp({2}, 3.0, 1.0)}};
  const Network network{Erf{}, Loss::logistic};
  const Parameters at = one_neuron(lattice_of(task), {network.activation, 0.4, 1.3}, 0.8, 4);
  const Field exact = brute_force(task, network, at);
  const Field found = gradient_at(ConditionalGradient(task, network), at).head(at.sites());
  BOOST_TEST((found - exact).cwiseAbs().maxCoeff() <= 1e-10);
}

// In closed form up to third order: the gradient with kappa_x (C u)_i^3 for the cumulant. The
// rest is of fifth order.
BOOST_AUTO_TEST_CASE(third_order_has_the_cumulant_of_one_site) {
  Task task = lopsided_task({8});
  task[1].input = Scaled(nlgp({8}, 0.9, 0.8), 0.7);
  const Neuron neuron{Erf{}, -1.0, 0.8};
  const ConditionalGradient gradient(task, {neuron.activation, Loss::squared});
  std::vector<double> norms{0.05, 0.1, 0.2}, errors;
  for (const double norm : norms) {
    const Parameters at = one_neuron(lattice_of(task), neuron, norm, 5);
    const Field u = at.values.head(at.sites());
    Field third = Field::Zero(u.size());
    for (const TaskClass& c : task) {
      const auto [A2, A4] = quartic_expansion(neuron, Loss::squared, c.label);
      const Field Cu = filtered(c.input, u);
      const double variance = c.input.covariance()[0];
      const double kappa = c.input.four_point(0, 0, 0) - 3.0 * variance * variance;
      third += c.probability * ((A2 + 0.5 * A4 * u.dot(Cu)) * Cu +
                                A4 / 6.0 * kappa * (Cu / variance).array().cube().matrix());
    }
    errors.push_back((gradient_at(gradient, at).head(at.sites()) - third).norm());
  }
  const double slope = log_slope(norms, errors);
  BOOST_TEST(std::abs(slope - 5.0) < 0.1, "slope " << slope);
}

// Where small weights are taken to third order and just no more: third order is some 1e-8 of it.
BOOST_AUTO_TEST_CASE(third_order_of_small_weights_is_that_of_large_ones) {
  const Task task = lopsided_task({7});
  for (const auto& [neuron_name, neuron] : quick_neurons()) {
    const Network network{neuron.activation, Loss::squared};
    const ConditionalGradient gradient(task, network);
    Parameters at = one_neuron(lattice_of(task), neuron, 1.0, 6);
    double Q = 0.0;
    const Field u = at.values.head(7);
    for (const TaskClass& c : task) Q = std::max(Q, u.dot(filtered(c.input, u)));
    for (const double size : {0.9, 1.1}) {
      at.values.head(7) = std::sqrt(size * cubic_variance(neuron.activation, neuron.bias) / Q) * u;
      const Field exact = brute_force(task, network, at);
      const double error = (gradient_at(gradient, at).head(7) - exact).norm();
      BOOST_TEST(error <= 1e-10 * exact.norm(), neuron_name << ": " << error / exact.norm());
    }
  }
}

BOOST_AUTO_TEST_CASE(bias_and_second_layer_see_a_gaussian_pre_activation) {
  const Task task = lopsided_task({7});
  const Neuron neuron{Erf{}, -0.7, 0.8};
  const Network network{neuron.activation, Loss::squared};
  const Parameters at = one_neuron(lattice_of(task), neuron, 1.5, 6);
  const Eigen::VectorXd found = gradient_at(ConditionalGradient(task, network), at);
  const Eigen::VectorXd gaussian = gaussian_gradient_at(task, network, at);
  BOOST_TEST((found.tail(2) - gaussian.tail(2)).cwiseAbs().maxCoeff() <= 1e-13);
  BOOST_TEST((found - gaussian).head(at.sites()).cwiseAbs().maxCoeff() > 1e-3);
}

BOOST_AUTO_TEST_CASE(weights_of_one_site_and_none_are_within_range) {
  const Task task{{1.0, 0.5, nlgp({7}, 3.0, 0.05)}, {-1.0, 0.5, nlgp({7}, infinity, 0.05)}};
  for (const auto& [neuron_name, neuron] : quick_neurons()) {
    ConditionalGradient gradient(task, {neuron.activation, Loss::squared});
    Parameters at = one_neuron(lattice_of(task), neuron, 0.0, 7);
    BOOST_TEST(gradient_at(gradient, at).head(7).cwiseAbs().maxCoeff() <= 1e-15, neuron_name);
    at.values[2] = 1.0;  // independent sites: lambda is x_2
    const Eigen::VectorXd there = gradient_at(gradient, at);
    BOOST_TEST(there.allFinite(), neuron_name);
    BOOST_TEST(std::abs(there[2]) > 1e-2, neuron_name);
  }
}

BOOST_AUTO_TEST_CASE(tiny_weights_grow_at_their_rates) {
  const Task task = lopsided_task({7});
  check_tiny_weights_grow_at_their_rates(
      task, [&task](const Network& network) { return ConditionalGradient(task, network); });
}

BOOST_AUTO_TEST_CASE(gradient_moves_with_the_weights) {
  for (const auto& shape : shapes) {
    const Task task = lopsided_task(shape);
    const Neuron neuron{Erf{}, -0.7, 0.8};
    check_equivariance(
        ConditionalGradient(task, {neuron.activation, Loss::squared}), lattice_of(task),
        one_neuron(lattice_of(task), neuron, 1.0, 8),
        [](double error, const std::string& where) { BOOST_TEST(error <= 1e-12, where); });
  }
}

BOOST_AUTO_TEST_CASE(what_it_cannot_serve_throws) {
  const Task task = two_lengths({8}, 3.0, 2.0, 1.0);
  const Task reticent{{1.0, 1.0, Reticent(nlgp({8}, 3.0, 2.0))}};
  BOOST_CHECK_THROW(ConditionalGradient(reticent, {}), std::invalid_argument);
  BOOST_CHECK_THROW(ConditionalGradient({}, {}), std::invalid_argument);
  BOOST_CHECK_THROW(ConditionalGradient(task, Network{.convolution = Convolution{{3}}}),
                    std::invalid_argument);
  ConditionalGradient gradient(task, {});
  for (const auto& [hidden, sites] : {std::pair{2, 8}, {1, 7}}) {
    Parameters at(hidden, sites), out = at;
    BOOST_CHECK_THROW(gradient(at, out), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_SUITE_END()
