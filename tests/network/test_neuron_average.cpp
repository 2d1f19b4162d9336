#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/lattice/quadrature.hpp"
#include "popflow/network/neuron_average.hpp"

#include "reference_networks.hpp"
#include "reference_neurons.hpp"

BOOST_AUTO_TEST_SUITE(neuron_average)

using namespace popflow;
using namespace popflow::test;

namespace {

// One that the loss takes.
constexpr double label_of(Loss loss) { return loss == Loss::logistic ? -1.0 : -0.7; }

// Both sides are known to some 1e-13 of the sum of their integrands' absolute values; the tolerance
// is what the flows ask for.
constexpr double allowed = 1e-10;

double density(double xi) { return std::exp(-0.5 * xi * xi) / std::sqrt(2.0 * std::acos(-1.0)); }

double value(const Activation& activation, double x) { return derivatives(activation, x)[0]; }

// f(lambda) from its definition.
double f(const Activation& activation, Loss loss, const GaussianNeuron& at, double lambda) {
  const Derivatives s = derivatives(activation, lambda + at.bias);
  return loss_slope(loss, at.second_layer * s[0], label_of(loss)) * at.second_layer * s[1];
}

struct Brute {
  double mean;
  double size;  // of the integrand's absolute value
};

// E g(lambda) over N(M, V), by Gauss-Legendre rules on pieces of at most a twelfth of a standard
// deviation, because the logistic loss of a cubic polynomial turns within 1/30 of one. The pieces
// are cut where the kink of a ReLU lies.
template <class Integrand>
Brute brute_force(const GaussianNeuron& at, const Integrand& g) {
  static const QuadratureRule rule = gauss_legendre(12, 0.0, 1.0);
  const double r = std::sqrt(at.variance), kink = (-at.bias - at.mean) / r;
  constexpr int pieces = 240;
  std::vector<double> cuts;
  for (int n = 0; n <= pieces; ++n) cuts.push_back(-10.0 + 20.0 * n / pieces);
  if (std::abs(kink) < 10.0) cuts.push_back(kink);
  std::sort(cuts.begin(), cuts.end());
  Brute sum{0.0, 0.0};
  for (std::size_t n = 0; n + 1 < cuts.size(); ++n)
    for (Eigen::Index m = 0; m < rule.nodes.size(); ++m) {
      const double width = cuts[n + 1] - cuts[n], xi = cuts[n] + width * rule.nodes[m];
      const double term = width * rule.weights[m] * density(xi) * g(at.mean + r * xi, xi);
      sum.mean += term;
      sum.size += std::abs(term);
    }
  return sum;
}

std::vector<GaussianNeuron> points() {
  std::vector<GaussianNeuron> result;
  for (const double variance : {0.05, 0.6, 7.0}) {
    for (const double mean : {-1.3, 0.0, 1.6}) result.push_back({-0.3, 1.3, mean, variance});
    result.push_back({0.0, -0.8, 0.0, variance});
  }
  return result;
}

// Probabilists' Hermite polynomials He_0 to He_3.
std::array<double, 4> hermite(double x) { return {1.0, x, x * x - 1.0, x * (x * x - 3.0)}; }

std::string text(const std::string& activation, Loss loss, const GaussianNeuron& at) {
  return activation + ", " + name(loss) + ", b = " + std::to_string(at.bias) +
         ", M = " + std::to_string(at.mean) + ", V = " + std::to_string(at.variance);
}

// check(average, activation, loss, point, description)
template <class Check>
void for_every_case(const Check& check) {
  for (const auto& [activation_name, activation] : all_activations())
    for (const Loss loss : losses)
      for (const GaussianNeuron& at : points())
        check(NeuronAverage(activation, loss, label_of(loss)), activation, loss, at,
              text(activation_name, loss, at));
}

}  // namespace

// E f^(n) = E f(lambda) He_n(xi) / V^(n/2) by partial integration, whatever f: also where it jumps.
BOOST_AUTO_TEST_CASE(slopes_are_the_averages_of_f_and_of_its_derivatives) {
  for_every_case([](const NeuronAverage& average, const Activation& activation, Loss loss,
                    const GaussianNeuron& at, const std::string& where) {
    const auto slopes = average.slopes(at);
    for (std::size_t n = 0; n < 4; ++n) {
      const double unit = std::pow(at.variance, -0.5 * static_cast<double>(n));
      const auto [mean, size] = brute_force(at, [&](double lambda, double xi) {
        return f(activation, loss, at, lambda) * hermite(xi)[n] * unit;
      });
      BOOST_TEST(std::abs(slopes[n] - mean) <= allowed * (size + 1e-3),
                 where << ", n = " << n << ": " << slopes[n] << ", brute force " << mean);
    }
  });
}

BOOST_AUTO_TEST_CASE(loss_and_its_slope_by_the_second_layer_are_averages) {
  for_every_case([](const NeuronAverage& average, const Activation& activation, Loss loss,
                    const GaussianNeuron& at, const std::string& where) {
    const double v = at.second_layer;
    const auto of_loss = brute_force(at, [&](double lambda, double) {
      return loss_value(loss, v * value(activation, lambda + at.bias), label_of(loss));
    });
    const auto of_slope = brute_force(at, [&](double lambda, double) {
      const double sigma = value(activation, lambda + at.bias);
      return loss_slope(loss, v * sigma, label_of(loss)) * sigma;
    });
    const double loss_error = average.loss(at) - of_loss.mean;
    const double slope_error = average.second_layer_slope(at) - of_slope.mean;
    BOOST_TEST(std::abs(loss_error) <= allowed * (of_loss.size + 1e-3),
               where << ": loss off by " << loss_error);
    BOOST_TEST(std::abs(slope_error) <= allowed * (of_slope.size + 1e-3),
               where << ": slope by v off by " << slope_error);
  });
}

// Each of a chain of derivatives by M, and the slope by v, against central differences of fourth
// order. With steps of h = 1e-3 they err by h^4 / 30 of the fifth derivative, which for V = 0.6 is
// of order 10, and by rounding, 1e-16 / h.
BOOST_AUTO_TEST_CASE(slopes_are_finite_differences_by_the_mean) {
  constexpr double h = 1e-3, of_differences = 1e-10;
  const auto difference = [](const auto& at) {
    return (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
  };
  for_every_case([&](const NeuronAverage& average, const Activation&, Loss,
                     const GaussianNeuron& at, const std::string& where) {
    if (at.variance != 0.6) return;
    const auto slopes = average.slopes(at);
    const double scale = 1.0 + std::abs(average.loss(at));
    const auto moved = [&at](double by) {
      GaussianNeuron result = at;
      result.mean += by;
      return result;
    };
    const double first = difference([&](double by) { return average.loss(moved(by)); });
    BOOST_TEST(std::abs(slopes[0] - first) <= of_differences * scale, where);
    for (std::size_t n = 0; n < 3; ++n) {
      const double next = difference([&](double by) { return average.slopes(moved(by))[n]; });
      BOOST_TEST(std::abs(slopes[n + 1] - next) <= of_differences * (scale + std::abs(next)),
                 where << ", n = " << n << ": " << slopes[n + 1] - next);
    }
    const double by_v = difference([&](double by) {
      GaussianNeuron result = at;
      result.second_layer += by;
      return average.loss(result);
    });
    BOOST_TEST(std::abs(average.second_layer_slope(at) - by_v) <= of_differences * scale, where);
  });
}

BOOST_AUTO_TEST_CASE(no_variance_gives_the_values_at_the_mean) {
  for_every_case([](const NeuronAverage& average, const Activation& activation, Loss loss,
                    const GaussianNeuron& point, const std::string& where) {
    GaussianNeuron at = point;
    at.variance = 0.0;
    const double sigma = value(activation, at.mean + at.bias), v = at.second_layer;
    const auto near = [](double a, double b) {
      return std::abs(a - b) <= 1e-13 * (1.0 + std::abs(b));
    };
    BOOST_TEST(near(average.slopes(at, 0)[0], f(activation, loss, at, at.mean)), where);
    BOOST_TEST(near(average.loss(at), loss_value(loss, v * sigma, label_of(loss))), where);
    BOOST_TEST(
        near(average.second_layer_slope(at), loss_slope(loss, v * sigma, label_of(loss)) * sigma),
        where);
    // Continuous there: V moves an average by V/2 of its second derivative. Not so where a ReLU's
    // kink is.
    if (at.mean + at.bias == 0.0) return;
    const auto here = average.slopes(at);
    at.variance = 1e-12;
    const auto there = average.slopes(at);
    for (std::size_t n = 0; n < 4; ++n)
      BOOST_TEST(std::abs(here[n] - there[n]) <= 1e-8 * (1.0 + std::abs(here[n])),
                 where << ", n = " << n << ": " << here[n] << " and " << there[n]);
  });
}

// Means and variances from nothing to where only tails are left: everything stays finite.
BOOST_AUTO_TEST_CASE(extreme_means_and_variances_give_finite_averages) {
  for (const auto& [activation_name, activation] : all_activations())
    for (const Loss loss : {Loss::squared, Loss::correlation})
      for (const double mean : {-300.0, -1.0, 0.0, 1.0, 300.0})
        for (const double variance : {0.0, 1e-310, 1e-200, 1e-30, 1.0, 1e4}) {
          if (mean == 0.0 && variance < 1e-30) continue;  // a kink is as sharp as 1 / variance
          const NeuronAverage average(activation, loss, label_of(loss));
          const GaussianNeuron at{0.0, 1.3, mean, variance};
          const auto slopes = average.slopes(at);
          BOOST_TEST(std::all_of(slopes.begin(), slopes.end(),
                                 [](double slope) { return std::isfinite(slope); }),
                     text(activation_name, loss, at));
          BOOST_TEST(std::isfinite(average.loss(at) + average.second_layer_slope(at)));
        }
}

// So that an integrator sees where a flow has diverged.
BOOST_AUTO_TEST_CASE(what_is_not_a_number_stays_so) {
  const double nan = std::nan("");
  for (const auto& [activation_name, activation] : all_activations())
    for (const Loss loss : {Loss::squared, Loss::correlation, Loss::logistic})
      for (const GaussianNeuron& at :
           {GaussianNeuron{nan, 1.3, 0.2, 1.0}, {0.1, 1.3, nan, 1.0}, {0.1, 1.3, 0.2, nan}}) {
        if (activation_name == "linear") continue;  // whose slope does not depend on what is bad
        const NeuronAverage average(activation, loss, label_of(loss));
        BOOST_TEST(std::isnan(average.slopes(at)[0]), text(activation_name, loss, at));
        BOOST_TEST(std::isnan(average.loss(at)), text(activation_name, loss, at));
        BOOST_TEST(std::isnan(average.second_layer_slope(at)), text(activation_name, loss, at));
      }
}

// Steps of a logistic loss that the quadrature cannot see are not taken for results.
BOOST_AUTO_TEST_CASE(what_quadrature_cannot_resolve_is_not_a_number) {
  const NeuronAverage average(Tanh{}, Loss::logistic, 1.0);
  BOOST_TEST(std::isnan(average.slopes({0.1, 30.0, 0.0, 1e6})[3]));
  BOOST_TEST(std::isfinite(average.slopes({0.1, 30.0, 0.0, 1e2})[3]));
}

BOOST_AUTO_TEST_CASE(a_lower_order_gives_the_same_and_nothing_beyond) {
  for_every_case([](const NeuronAverage& average, const Activation&, Loss, const GaussianNeuron& at,
                    const std::string& where) {
    const auto all = average.slopes(at);
    for (int order = 0; order < 4; ++order) {
      const auto some = average.slopes(at, order);
      for (int n = 0; n < 4; ++n) {
        const auto k = static_cast<std::size_t>(n);
        BOOST_TEST(some[k] == (n <= order ? all[k] : 0.0), where);
      }
    }
  });
}

BOOST_AUTO_TEST_CASE(labels_that_are_not_finite_throw) {
  for (const double bad : {std::numeric_limits<double>::infinity(), std::nan("")})
    BOOST_CHECK_THROW(NeuronAverage(Erf{}, Loss::squared, bad), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
