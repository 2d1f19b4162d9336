#include <cmath>
#include <stdexcept>

#include <boost/test/unit_test.hpp>

#include "popflow/lattice/quadrature.hpp"

BOOST_AUTO_TEST_SUITE(quadrature)

using namespace popflow;

namespace {

// Weights are positive and sum to the interval's length. A sum of values of size at most 1 is
// therefore right to the rounding of the weights and of the nodes (1e-16 times a slope of at most
// 2n - 1).
constexpr double rounding = 1e-13;

double integral_of_power(const QuadratureRule& rule, int degree) {
  return rule.weights.dot(rule.nodes.array().pow(degree).matrix());
}

double error_at_pole(int n, double upper, double gap) {
  const QuadratureRule rule = gauss_legendre(n, 0.0, upper);
  const double exact = std::log1p(upper / gap);
  const double sum = (rule.weights.array() / (upper + gap - rule.nodes.array())).sum();
  return std::abs(sum / exact - 1.0);
}

}  // namespace

BOOST_AUTO_TEST_CASE(n_nodes_are_exact_up_to_degree_2n_minus_1) {
  for (int n : {1, 2, 3, 4, 7, 8, 18, 33, 64})
    for (int degree = 0; degree < 2 * n; ++degree) {
      const double exact = degree % 2 == 0 ? 2.0 / (degree + 1) : 0.0;
      BOOST_TEST(std::abs(integral_of_power(gauss_legendre(n), degree) - exact) < rounding);
    }
}

// The rule's error in x^(2n) is the squared norm of the monic Legendre polynomial.
BOOST_AUTO_TEST_CASE(the_error_at_degree_2n_is_the_norm_of_the_legendre_polynomial) {
  for (int n : {1, 2, 3, 4, 7, 8}) {
    const double binomial = std::tgamma(2 * n + 1) / std::pow(std::tgamma(n + 1), 2);
    const double norm = std::exp2(2 * n + 1) / ((2 * n + 1) * binomial * binomial);
    const double error = 2.0 / (2 * n + 1) - integral_of_power(gauss_legendre(n), 2 * n);
    BOOST_TEST(std::abs(error - norm) < rounding);
  }
}

BOOST_AUTO_TEST_CASE(nodes_are_symmetric_increasing_and_inside) {
  for (int n : {1, 2, 5, 8, 31, 256}) {
    const QuadratureRule rule = gauss_legendre(n);
    BOOST_TEST(rule.nodes.size() == n);
    for (int m = 0; m < n; ++m) {
      BOOST_TEST(rule.nodes[m] == -rule.nodes[n - 1 - m]);
      BOOST_TEST(rule.weights[m] == rule.weights[n - 1 - m]);
      BOOST_TEST(std::abs(rule.nodes[m]) < 1.0);
      BOOST_TEST(rule.weights[m] > 0.0);
      if (m > 0) BOOST_TEST(rule.nodes[m] > rule.nodes[m - 1]);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_rule_moves_to_any_interval) {
  const double lower = -0.5, upper = 3.0;
  const QuadratureRule rule = gauss_legendre(12, lower, upper);
  const double exact = std::exp(upper) - std::exp(lower);
  const double sum = rule.weights.dot(rule.nodes.array().exp().matrix());
  BOOST_TEST(std::abs(sum / exact - 1.0) < rounding);
}

BOOST_AUTO_TEST_CASE(a_rule_needs_a_node) {
  BOOST_CHECK_THROW(gauss_legendre(0), std::invalid_argument);
  BOOST_CHECK_THROW(gauss_legendre(-3), std::invalid_argument);
}

// A simple pole is integrated with relative error k rho^(-2n), k = 2 pi / (rho log((z+1)/(z-1))),
// z = 1 + 2 gap / upper: k grows with the gap, from 0.8 at the smallest here to pi / 2.
BOOST_AUTO_TEST_CASE(the_node_count_reaches_its_tolerance_at_a_pole_and_is_the_smallest_that_does) {
  for (double upper : {0.4, 1.0, 1.57})
    for (double gap : {1e-3, 1e-2, 0.1, 0.5, 2.0, 10.0})
      for (double tolerance : {1e-4, 1e-8, 1e-11}) {
        const int n = gauss_legendre_nodes(upper, gap, tolerance);
        BOOST_TEST(error_at_pole(n, upper, gap) < 1.6 * tolerance);
        if (n > 1) BOOST_TEST(error_at_pole(n - 1, upper, gap) > 0.75 * tolerance);
      }
}

BOOST_AUTO_TEST_SUITE_END()
