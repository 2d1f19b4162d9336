#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/input/correlation.hpp"
#include "popflow/moments/four_point.hpp"

#include "four_correlations.hpp"
#include "gauss_hermite.hpp"
#include "statistics.hpp"

BOOST_AUTO_TEST_SUITE(four_point)

using namespace popflow;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double two_over_pi = 2.0 / std::numbers::pi;

// The accuracy that ErfFourPoint and sign_four_point state.
constexpr double stated_accuracy = 1e-12;

// Ring of 40 sites, xi = 8: the latent field of theory.md's check values.
FourCorrelations ring_correlations(int a, int b, int c) {
  const Torus ring({40});
  static const Field covariance = gaussian_correlation(ring, 8.0);
  return correlations_of(ring, covariance, a, b, c);
}

double ring_four_point(double gain, int a, int b, int c) {
  return ErfFourPoint(gain)(ring_correlations(a, b, c));
}

// Distinct, neighbouring, distant and coincident sites.
std::vector<FourCorrelations> site_quadruples() {
  std::vector<FourCorrelations> result;
  for (const auto& [a, b, c] : std::vector<std::array<int, 3>>{{0, 0, 0},
                                                               {0, 0, 1},
                                                               {0, 0, 20},
                                                               {0, 5, 5},
                                                               {1, 1, 2},
                                                               {1, 2, 3},
                                                               {2, 7, 31},
                                                               {4, 9, 20},
                                                               {10, 20, 30}})
    result.push_back(ring_correlations(a, b, c));
  return result;
}

// Correlations of both signs, that no lattice of positive correlations has.
FourCorrelations generic_correlations() { return {0.5, -0.3, 0.2, 0.1, 0.6, -0.4}; }

FourCorrelations independent_pairs(double c12, double c34) { return {c12, 0, 0, 0, 0, c34}; }

FourCorrelations permuted(const FourCorrelations& c, const std::array<int, 4>& order) {
  const Eigen::Matrix4d m = test::matrix(c);
  Eigen::Matrix4d result;
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j) result(i, j) = m(order[i], order[j]);
  return test::correlations(result);
}

FourCorrelations reversed(const FourCorrelations& c, int factor) {
  Eigen::Matrix4d m = test::matrix(c);
  m.row(factor) *= -1.0;
  m.col(factor) *= -1.0;
  return test::correlations(m);
}

test::SampleMeans sampled_sign_four_point(const FourCorrelations& c, int samples) {
  std::mt19937_64 generator(11);
  std::normal_distribution<double> normal;
  const Eigen::Matrix4d root = test::square_root(test::matrix(c));
  test::SampleMeans means(1);
  for (int n = 0; n < samples; ++n) {
    const Eigen::Vector4d y = Eigen::Vector4d::NullaryExpr([&] { return normal(generator); });
    means.add(Eigen::ArrayXd::Constant(1, (root * y).array().sign().prod()));
  }
  return means;
}

}  // namespace

BOOST_AUTO_TEST_CASE(correlations_are_those_between_the_four_sites) {
  for (const std::vector<int>& shape : {std::vector<int>{7}, {3, 4}}) {
    const Torus torus(shape);
    const Field covariance = gaussian_correlation(torus, 1.3);
    const auto between = [&](int i, int j) {
      const auto from = torus.coordinates(i), to = torus.coordinates(j);
      return covariance[torus.site(to[0] - from[0], to[1] - from[1])];
    };
    for (int a = 0; a < torus.sites(); ++a)
      for (int b = 0; b < torus.sites(); ++b)
        for (int c = 0; c < torus.sites(); ++c) {
          const FourCorrelations all = correlations_of(torus, covariance, a, b, c);
          BOOST_TEST(all.c12 == between(0, a));
          BOOST_TEST(all.c13 == between(0, b));
          BOOST_TEST(all.c14 == between(0, c));
          BOOST_TEST(all.c23 == between(a, b));
          BOOST_TEST(all.c24 == between(a, c));
          BOOST_TEST(all.c34 == between(b, c));
        }
  }
}

// theory.md gives twelve decimals.
BOOST_AUTO_TEST_CASE(check_values_of_the_theory_notes) {
  constexpr double tolerance = 1e-11;
  BOOST_TEST(std::abs(ring_four_point(3.0, 0, 0, 0) - 1.243247241748) < tolerance);
  BOOST_TEST(std::abs(ring_four_point(3.0, 1, 2, 3) - 1.109322915619) < tolerance);
  BOOST_TEST(std::abs(ring_four_point(3.0, 0, 5, 5) - 1.044450923340) < tolerance);
  BOOST_TEST(std::abs(ring_four_point(3.0, 4, 9, 20) - 0.083907546747) < tolerance);
  BOOST_TEST(std::abs(ring_four_point(3.0, 2, 2, 2) - 1.143411921165) < tolerance);
  BOOST_TEST(std::abs(ring_four_point(0.7, 1, 7, 15) - 0.360130293542) < tolerance);
  BOOST_TEST(std::abs(ring_four_point(0.7, 0, 5, 5) - 1.469387068122) < tolerance);
}

BOOST_AUTO_TEST_CASE(excess_kurtosis_of_one_site_to_the_digits_given) {
  constexpr double half_a_digit = 5e-4;
  const FourCorrelations one_site = ring_correlations(0, 0, 0);
  BOOST_TEST(std::abs(ErfFourPoint(0.5)(one_site) - 3.0 + 0.622) < half_a_digit);
  BOOST_TEST(std::abs(ErfFourPoint(1.0)(one_site) - 3.0 + 1.200) < half_a_digit);
  BOOST_TEST(std::abs(ErfFourPoint(3.0)(one_site) - 3.0 + 1.757) < half_a_digit);
  BOOST_TEST(std::abs(ErfFourPoint(10.0)(one_site) - 3.0 + 1.934) < half_a_digit);
}

// The oracle errs by about 1e-15 (see there), the rule by less than it states.
BOOST_AUTO_TEST_CASE(equals_gauss_hermite_integration_at_small_gain) {
  std::vector<FourCorrelations> quadruples = site_quadruples();
  quadruples.push_back(generic_correlations());
  for (double gain : {0.2, 0.5})
    for (const FourCorrelations& c : quadruples) {
      const double expected = test::GaussHermiteFourPoint(c, gain).value();
      BOOST_TEST(std::abs(ErfFourPoint(gain)(c) - expected) < stated_accuracy);
    }
}

BOOST_AUTO_TEST_CASE(all_24_orders_of_the_factors_agree) {
  std::vector<FourCorrelations> quadruples = site_quadruples();
  quadruples.push_back(generic_correlations());
  for (double gain : {0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 1e5, infinity}) {
    const ErfFourPoint four_point(gain);
    for (const FourCorrelations& c : quadruples) {
      std::array<int, 4> order{0, 1, 2, 3};
      const double expected = four_point(c);
      do BOOST_TEST(std::abs(four_point(permuted(c, order)) - expected) < stated_accuracy);
      while (std::next_permutation(order.begin(), order.end()));
    }
  }
}

BOOST_AUTO_TEST_CASE(reversing_one_factor_reverses_the_sign) {
  std::vector<FourCorrelations> quadruples = site_quadruples();
  quadruples.push_back(generic_correlations());
  for (double gain : {0.3, 3.0, 100.0, 1e3, infinity}) {
    const ErfFourPoint four_point(gain);
    for (const FourCorrelations& c : quadruples)
      for (int factor : {0, 1, 2, 3})
        BOOST_TEST(std::abs(four_point(reversed(c, factor)) + four_point(c)) < stated_accuracy,
                   "gain " << gain << ", factor " << factor);
  }
}

BOOST_AUTO_TEST_CASE(independent_pairs_of_factors_give_the_product_of_two_point_functions) {
  for (double c12 : {-0.9, -0.2, 0.0, 0.5})
    for (double c34 : {-0.6, 0.1, 0.95}) {
      const double signs = two_over_pi * std::asin(c12) * two_over_pi * std::asin(c34);
      BOOST_TEST(std::abs(sign_four_point(independent_pairs(c12, c34)) - signs) < stated_accuracy);
      for (double gain : {0.3, 3.0, 100.0}) {
        const double rho = gain * gain / (1.0 + gain * gain);
        const double product = std::asin(rho * c12) * std::asin(rho * c34);
        BOOST_TEST(std::abs(ErfFourPoint(gain)(independent_pairs(c12, c34)) -
                            product / std::pow(std::asin(rho), 2)) < stated_accuracy);
      }
    }
}

BOOST_AUTO_TEST_CASE(coincident_signs_square_to_one) {
  const auto arcsine = [](double c) { return two_over_pi * std::asin(c); };
  for (int b = 0; b <= 20; ++b)
    for (int c = b; c <= 40; ++c) {
      const double rest = arcsine(ring_correlations(0, b % 40, c % 40).c34);
      BOOST_TEST(std::abs(sign_four_point(ring_correlations(0, b, c % 40)) - rest) <
                 stated_accuracy);
    }
}

BOOST_AUTO_TEST_CASE(opposite_signs_multiply_to_minus_one) {
  // Factor 2 is minus factor 1.
  const FourCorrelations c{-1.0, 0.3, -0.5, -0.3, 0.5, 0.2};
  BOOST_TEST(std::abs(sign_four_point(c) + two_over_pi * std::asin(0.2)) < stated_accuracy);
}

BOOST_AUTO_TEST_CASE(infinite_gain_is_the_sign_field) {
  for (const FourCorrelations& c : site_quadruples())
    BOOST_TEST(ErfFourPoint(infinity)(c) == sign_four_point(c));
}

// One comparison each: a correct library fails with probability 6.3e-5 at another seed.
BOOST_AUTO_TEST_CASE(generic_signs_agree_with_monte_carlo) {
  for (const FourCorrelations& c : {generic_correlations(), ring_correlations(2, 7, 31)})
    test::check_means(sampled_sign_four_point(c, test::sample_count(1'000'000)),
                      Eigen::ArrayXd::Constant(1, sign_four_point(c)));
}

BOOST_AUTO_TEST_CASE(gaussian_four_point_is_the_sum_over_pairings) {
  const FourCorrelations c = generic_correlations();
  BOOST_TEST(gaussian_four_point(c) == 0.5 * -0.4 + -0.3 * 0.6 + 0.2 * 0.1);
  BOOST_TEST(gaussian_four_point({1, 1, 1, 1, 1, 1}) == 3.0);
}

BOOST_AUTO_TEST_CASE(gains_that_are_not_positive_are_refused) {
  for (double gain : {0.0, -1.0, -infinity, not_a_number})
    BOOST_CHECK_THROW(ErfFourPoint{gain}, std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
