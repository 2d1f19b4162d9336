#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>

#include <boost/test/unit_test.hpp>

#include "popflow/moments/arcsine.hpp"

#include "gauss_hermite.hpp"

BOOST_AUTO_TEST_SUITE(arcsine)

using namespace popflow;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// A handful of roundings of numbers of order one.
constexpr double rounding = 1e-15;

// Gauss-Hermite error of E erf(g z1 / sqrt 2) erf(g z2 / sqrt 2), at most
// (2 g^2 / (1 + 2 g^2))^n: 1e-15 for g = 0.5 and n = 32.
constexpr int hermite_nodes = 32;
constexpr double hermite_tolerance = 1e-14;

double integrated_two_point(double gain, double c) {
  const QuadratureRule rule = test::gauss_hermite(hermite_nodes);
  const double scale = gain / std::numbers::sqrt2, rest = std::sqrt(1.0 - c * c);
  double product = 0.0, square = 0.0;
  for (int m = 0; m < hermite_nodes; ++m) {
    const double x = std::erf(scale * rule.nodes[m]);
    square += rule.weights[m] * x * x;
    for (int n = 0; n < hermite_nodes; ++n)
      product += rule.weights[m] * rule.weights[n] * x *
                 std::erf(scale * (c * rule.nodes[m] + rest * rule.nodes[n]));
  }
  return product / square;
}

}  // namespace

BOOST_AUTO_TEST_CASE(two_point_function_is_the_integral_over_two_gaussians) {
  for (double gain : {0.1, 0.3, 0.5})
    for (double c : {-1.0, -0.6, 0.0, 0.2, 0.9, 1.0})
      BOOST_TEST(std::abs(erf_two_point(gain, c) - integrated_two_point(gain, c)) <
                 hermite_tolerance);
}

BOOST_AUTO_TEST_CASE(a_field_has_unit_variance_at_every_gain) {
  for (double gain : {1e-200, 1e-4, 0.1, 1.0, 3.0, 1e2, 1e5, 1e9, infinity}) {
    BOOST_TEST(erf_two_point(gain, 1.0) == 1.0);
    BOOST_TEST(erf_two_point(gain, -1.0) == -1.0);
  }
}

BOOST_AUTO_TEST_CASE(normalisation_is_the_standard_deviation_of_the_erf) {
  const QuadratureRule rule = test::gauss_hermite(hermite_nodes);
  for (double gain : {0.1, 0.3, 0.5}) {
    const Eigen::ArrayXd x = test::erf_of(gain / std::numbers::sqrt2 * rule.nodes.array());
    const double variance = (rule.weights.array() * x.square()).sum();
    BOOST_TEST(std::abs(erf_normalisation(gain) - std::sqrt(variance)) < hermite_tolerance);
  }
}

BOOST_AUTO_TEST_CASE(small_gain_is_the_latent_field) {
  // asin(rho c) / asin(rho) = c (1 + rho^2 (c^2 - 1) / 6 + ...), rho < g^2.
  for (double gain : {1e-1, 1e-2, 1e-4, 1e-12, 1e-200})
    for (double c : {-0.7, 0.3, 0.9})
      BOOST_TEST(std::abs(erf_two_point(gain, c) - c) < std::pow(gain, 4) + rounding);
}

BOOST_AUTO_TEST_CASE(infinite_gain_is_the_sign_field) {
  BOOST_TEST(erf_correlation_factor(infinity) == 1.0);
  BOOST_TEST(std::abs(erf_normalisation(infinity) - 1.0) < rounding);
  for (double c : {-0.7, 0.0, 0.3, 0.9})
    BOOST_TEST(std::abs(erf_two_point(infinity, c) - 2.0 / std::numbers::pi * std::asin(c)) <
               rounding);
}

BOOST_AUTO_TEST_CASE(two_point_function_is_odd_and_increases) {
  for (double gain : {0.5, 3.0, 50.0, infinity})
    for (int k = 0; k < 20; ++k) {
      const double c = k / 20.0, next = (k + 1) / 20.0;
      BOOST_TEST(erf_two_point(gain, -c) == -erf_two_point(gain, c));
      BOOST_TEST(erf_two_point(gain, next) > erf_two_point(gain, c));
    }
}

BOOST_AUTO_TEST_CASE(gains_that_are_not_positive_are_refused) {
  for (double gain : {0.0, -1.0, -infinity, not_a_number}) {
    BOOST_CHECK_THROW(erf_correlation_factor(gain), std::invalid_argument);
    BOOST_CHECK_THROW(erf_normalisation(gain), std::invalid_argument);
    BOOST_CHECK_THROW(erf_two_point(gain, 0.5), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_SUITE_END()
