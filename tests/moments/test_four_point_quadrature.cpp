#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/test/unit_test.hpp>

#include "popflow/input/correlation.hpp"
#include "popflow/lattice/quadrature.hpp"
#include "popflow/moments/four_point.hpp"

#include "plackett_reference.hpp"

BOOST_AUTO_TEST_SUITE(four_point_quadrature)

using namespace popflow;

namespace {

using FiftyDigits = boost::multiprecision::cpp_bin_float_50;
using Reference = test::PlackettReference<long double>;
using FineReference = test::PlackettReference<FiftyDigits>;

constexpr double infinity = std::numeric_limits<double>::infinity();

// The accuracy that ErfFourPoint states where quadrature alone limits it, and at any gain.
constexpr double quadrature_accuracy = 1e-12;
double stated_accuracy(double gain) { return std::max(1e-12, 1e-15 * gain); }

// Long double has 19 digits. At gain 100, partial correlations of coincident sites lose at most
// eight of them, and only next to t = 1, in a region of weight 1e-2: 1e-13 is left.
constexpr long double reference_tolerance = 1e-16L;

// Fifty digits lose up to twenty-eight at gain 1e7.
const FiftyDigits fine_reference_tolerance = 1e-18;

struct Latent {
  Torus ring;
  Field covariance;

  Latent(int extent, double xi) : ring({extent}), covariance(gaussian_correlation(ring, xi)) {}

  FourCorrelations operator()(int a, int b, int c) const {
    return correlations_of(ring, covariance, a, b, c);
  }
};

// A short-ranged and a smooth field on 40 sites: coincident, neighbouring and random sites, 204
// quadruples in all.
std::vector<FourCorrelations> spread_of_quadruples() {
  std::vector<FourCorrelations> result;
  std::mt19937 generator(5);
  std::uniform_int_distribution<int> site(0, 39);
  for (double xi : {2.0, 12.0}) {
    const Latent latent(40, xi);
    for (int a : {0, 1, 2, 9, 20})
      for (int b : {0, 1, 2, 9, 20})
        for (int c : {0, 1, 2, 9, 20})
          if (a <= b && b <= c) result.push_back(latent(a, b, c));
    for (int k = 0; k < 67; ++k) {
      const int a = site(generator), b = site(generator), c = site(generator);
      result.push_back(latent(a, b, c));
    }
  }
  return result;
}

// The rule that theory.md states, t = sqrt(1 + 1/g^2) sin(theta) with Gauss-Legendre nodes in
// theta on [0, atan g], applied to the reference's integrand.
double integral_with(int nodes, double gain, const Reference& reference) {
  const QuadratureRule rule = gauss_legendre(nodes, 0.0, std::atan(gain));
  const long double t0 = std::sqrt(1.0L + 1.0L / (gain * gain));
  long double sum = 0.0L;
  for (int m = 0; m < nodes; ++m) {
    const long double theta = rule.nodes[m];
    sum += rule.weights[m] * t0 * std::cos(theta) * reference.integrand(t0 * std::sin(theta));
  }
  return static_cast<double>(sum);
}

// The largest gain that still has Gauss-Legendre nodes, to rounding, and the next one.
std::array<double, 2> gains_at_the_switch() {
  double below = 100.0, above = 1e4;
  for (int k = 0; k < 60; ++k) {
    const double middle = 0.5 * (below + above);
    (ErfFourPoint(middle).nodes() > 0 ? below : above) = middle;
  }
  return {below, above};
}

std::vector<FourCorrelations> typical_quadruples() {
  const Latent latent(40, 8.0);
  return {latent(0, 0, 0), latent(0, 5, 5), latent(0, 3, 9), latent(1, 2, 3), latent(4, 9, 20)};
}

}  // namespace

BOOST_AUTO_TEST_CASE(values_equal_a_fine_quadrature_up_to_gain_100) {
  const std::vector<FourCorrelations> quadruples = spread_of_quadruples();
  for (double gain : {0.5, 1.0, 3.0, 10.0, 30.0, 100.0}) {
    const ErfFourPoint four_point(gain);
    double error = 0.0;
    for (const FourCorrelations& c : quadruples) {
      const auto expected = static_cast<double>(Reference(c, gain).value(reference_tolerance));
      error = std::max(error, std::abs(four_point(c) - expected));
    }
    BOOST_TEST(error < quadrature_accuracy, "gain " << gain << ": error " << error);
  }
}

// Half the nodes have the square root of the tolerance left, 3e-8 times a small factor.
BOOST_AUTO_TEST_CASE(half_the_nodes_would_not_be_enough) {
  const std::vector<FourCorrelations> quadruples = spread_of_quadruples();
  for (double gain : {0.5, 1.0, 3.0, 10.0, 30.0, 100.0}) {
    const int nodes = ErfFourPoint(gain).nodes();
    double error = 0.0, half_error = 0.0;
    for (const FourCorrelations& c : quadruples) {
      const Reference reference(c, gain);
      const auto expected = static_cast<double>(reference.value(reference_tolerance));
      error = std::max(error, std::abs(integral_with(nodes, gain, reference) - expected));
      half_error =
          std::max(half_error, std::abs(integral_with(nodes / 2, gain, reference) - expected));
    }
    BOOST_TEST(error < quadrature_accuracy, "gain " << gain << ": error " << error);
    BOOST_TEST(half_error > 100.0 * quadrature_accuracy,
               "gain " << gain << ": error with half the nodes " << half_error);
  }
}

BOOST_AUTO_TEST_CASE(node_counts_grow_with_the_gain_as_stated) {
  BOOST_TEST(ErfFourPoint(3.0).nodes() == 18);
  BOOST_TEST(ErfFourPoint(100.0).nodes() == 108);
  BOOST_TEST(ErfFourPoint(0.5).nodes() < ErfFourPoint(1.0).nodes());
  BOOST_TEST(ErfFourPoint(1e4).nodes() == 0);
  BOOST_TEST(ErfFourPoint(infinity).nodes() == 0);
}

BOOST_AUTO_TEST_CASE(small_gains_are_as_accurate) {
  for (double gain : {0.3, 1e-1, 1e-2, 1e-3, 1e-4, 1e-6, 1e-8}) {
    const ErfFourPoint four_point(gain);
    for (const FourCorrelations& c : typical_quadruples()) {
      const auto expected = static_cast<double>(Reference(c, gain).value(reference_tolerance));
      BOOST_TEST(std::abs(four_point(c) - expected) < quadrature_accuracy, "gain " << gain);
    }
  }
}

// T(g) = Gaussian + O(g^2), with a coefficient below 10: the kurtosis falls as -2.7 g^2.
BOOST_AUTO_TEST_CASE(vanishing_gain_is_gaussian) {
  for (double gain : {1e-1, 1e-2, 1e-3, 1e-5, 1e-12, 1e-200})
    for (const FourCorrelations& c : typical_quadruples())
      BOOST_TEST(std::abs(ErfFourPoint(gain)(c) - gaussian_four_point(c)) <
                 10.0 * gain * gain + quadrature_accuracy);
}

BOOST_AUTO_TEST_CASE(steep_gains_equal_a_reference_of_fifty_digits) {
  const Latent latent(40, 8.0);
  for (double gain : {1e3, 1e5, 1e7})
    for (const FourCorrelations& c : {latent(0, 0, 0), latent(0, 5, 5), latent(1, 2, 3)}) {
      const auto expected =
          static_cast<double>(FineReference(c, gain).value(fine_reference_tolerance));
      BOOST_TEST(std::abs(ErfFourPoint(gain)(c) - expected) < stated_accuracy(gain),
                 "gain " << gain);
    }
}

BOOST_AUTO_TEST_CASE(both_quadratures_agree_where_one_takes_over_from_the_other) {
  const auto [below, above] = gains_at_the_switch();
  const ErfFourPoint gauss_legendre_rule(below), tanh_sinh(above);
  BOOST_TEST(gauss_legendre_rule.nodes() > 0);
  BOOST_TEST(tanh_sinh.nodes() == 0);
  for (const FourCorrelations& c : spread_of_quadruples())
    BOOST_TEST(std::abs(gauss_legendre_rule(c) - tanh_sinh(c)) < quadrature_accuracy);
}

// T(g) = T(infinity) + k / g + O(1/g^2): a tenth of the distance is left at ten times the gain. The
// next order is below 1 / g^2.
BOOST_AUTO_TEST_CASE(the_sign_limit_is_approached_as_one_over_the_gain) {
  const Latent latent(40, 8.0);
  for (const FourCorrelations& c :
       {latent(0, 0, 0), latent(0, 3, 9), latent(1, 2, 3), latent(4, 9, 20)}) {
    const double limit = sign_four_point(c);
    for (double gain : {1e2, 1e3, 1e4, 1e5, 1e6}) {
      const double distance = ErfFourPoint(gain)(c) - limit;
      const double next = ErfFourPoint(10.0 * gain)(c) - limit;
      BOOST_TEST(
          std::abs(next - 0.1 * distance) < 1.0 / (gain * gain) + stated_accuracy(10.0 * gain),
          "gain " << gain);
      BOOST_TEST(std::abs(distance) > 0.02 / gain);
    }
  }
}

// E x_0^2 x_5^2 = 1 + cov(x_0^2, x_5^2): the normalisation takes the term in 1/g, and 1/g^2 is
// left.
BOOST_AUTO_TEST_CASE(two_coincident_pairs_approach_the_sign_limit_as_one_over_the_gain_squared) {
  const FourCorrelations c = Latent(40, 8.0)(0, 5, 5);
  const double limit = sign_four_point(c);
  for (double gain : {1e2, 1e3, 1e4}) {
    const double distance = ErfFourPoint(gain)(c) - limit;
    const double next = ErfFourPoint(10.0 * gain)(c) - limit;
    BOOST_TEST(std::abs(next - 0.01 * distance) <
               1.0 / std::pow(gain, 3) + stated_accuracy(10.0 * gain));
    BOOST_TEST(distance > 0.1 / (gain * gain));
  }
}

// Beyond 1e8 the field counts as a sign field: the jump is the distance from the limit there.
BOOST_AUTO_TEST_CASE(the_sign_field_takes_over_without_a_visible_jump) {
  constexpr double last = 1e8;
  for (const FourCorrelations& c : typical_quadruples()) {
    BOOST_TEST(ErfFourPoint(1.001 * last)(c) == sign_four_point(c));
    BOOST_TEST(std::abs(ErfFourPoint(last)(c) - sign_four_point(c)) <
               4.0 / last + stated_accuracy(last));
  }
}

BOOST_AUTO_TEST_SUITE_END()
