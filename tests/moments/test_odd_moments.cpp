#include <cmath>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/lattice/quadrature.hpp"
#include "popflow/moments/arcsine.hpp"
#include "popflow/moments/odd_moments.hpp"

BOOST_AUTO_TEST_SUITE(odd_moments)

using namespace popflow;

namespace {

// Of unit variance: the uniform law, Laplace's (a kink at 0), and a cubic.
double uniform(double z) { return std::sqrt(3.0) * std::erf(z / std::sqrt(2.0)); }
double laplace(double z) {
  return std::copysign(-std::log(std::erfc(std::abs(z) / std::sqrt(2.0))) / std::sqrt(2.0), z);
}
double cubic(double z) { return (z + z * z * z) / std::sqrt(22.0); }

OddFourPoint four_point(double (*psi)(double)) {
  return {OddTable(psi), {.growth = 0.0, .kinked = psi == laplace}};
}

// E psi(z_1) psi(z_2), in polar coordinates of independent normals (z_1, (z_2 - c z_1) / s): panels
// end where a z changes its sign, so that kinks do no harm.
double brute_force(double (*psi)(double), double c) {
  const double s = std::sqrt(1.0 - c * c), turn = std::atan2(-c, s);  // where z_2 = 0
  double sum = 0.0;
  for (const auto& [from, to] : {std::pair{turn, 0.5 * M_PI}, {0.5 * M_PI, turn + M_PI}}) {
    const QuadratureRule angle = gauss_legendre(60, from, to),
                         radius = gauss_legendre(120, 0.0, 12.0);
    for (int m = 0; m < 60; ++m)
      for (int n = 0; n < 120; ++n) {
        const double r = radius.nodes[n], z1 = r * std::cos(angle.nodes[m]),
                     z2 = c * z1 + s * r * std::sin(angle.nodes[m]);
        sum +=
            angle.weights[m] * radius.weights[n] * r * std::exp(-0.5 * r * r) * psi(z1) * psi(z2);
      }
  }
  return sum / M_PI;
}

// Correlations exp(-d^2 / 64) of four sites.
FourCorrelations smooth(int a, int b, int c) {
  const auto at = [](int d) { return std::exp(-d * d / 64.0); };
  return {at(a), at(b), at(c), at(b - a), at(c - a), at(c - b)};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_table_is_its_function) {
  const OddTable table(laplace);
  for (double z = -30.0; z < 30.0; z += 0.0137)
    BOOST_TEST(std::abs(table(z) - laplace(z)) < 1e-10 * (1.0 + z * z));
  BOOST_TEST(table(40.0) == table(37.0));
}

BOOST_AUTO_TEST_CASE(two_points_agree_with_brute_force) {
  for (const auto psi : {uniform, laplace, cubic}) {
    const OddTwoPoint two_point(OddTable(psi), 1.0);
    for (const double c : {-0.9, -0.3, 0.01, 0.5, 0.9, 0.99, 0.9999})
      BOOST_TEST(std::abs(two_point(c) - brute_force(psi, c)) < 1e-9);
    BOOST_TEST(std::abs(two_point(1.0) - 1.0) < 1e-14);
    BOOST_TEST(std::abs(two_point(-1.0) + 1.0) < 1e-14);
  }
}

BOOST_AUTO_TEST_CASE(two_points_of_the_uniform_law_are_the_arcsine_law_at_gain_one) {
  const OddTwoPoint two_point(OddTable(uniform), 1.0);
  for (double c = -1.0; c <= 1.0; c += 0.01)
    BOOST_TEST(std::abs(two_point(c) - erf_two_point(1.0, c)) < 1e-10);
}

BOOST_AUTO_TEST_CASE(four_points_of_the_uniform_law_are_those_of_an_erf_field_at_gain_one) {
  const OddFourPoint four = four_point(uniform);
  const ErfFourPoint exact(1.0);
  for (const auto& c : {smooth(0, 0, 0), smooth(0, 5, 5), smooth(1, 2, 3), smooth(5, 10, 20),
                        smooth(0, 0, 9), smooth(40, 90, 91), smooth(7, 7, 12)})
    BOOST_TEST(std::abs(four(c) - exact(c)) < 2e-7);
}

// E of products of z + z^3 by Isserlis' theorem, for two independent pairs and for one site:
// E (z + z^3)^4 = 3 + 4 * 15 + 6 * 105 + 4 * 945 + 10395.
BOOST_AUTO_TEST_CASE(four_points_of_a_cubic_are_sums_over_pairings) {
  const OddFourPoint four = four_point(cubic);
  const auto pair = [](double c) { return (16.0 * c + 6.0 * c * c * c) / 22.0; };
  BOOST_TEST(std::abs(four({0.3, 0, 0, 0, 0, 0.7}) - pair(0.3) * pair(0.7)) < 1e-7);
  BOOST_TEST(std::abs(four({1, 0, 0, 0, 0, -0.7}) - pair(-0.7)) < 1e-7);
  BOOST_TEST(std::abs(four(smooth(0, 0, 0)) - 14868.0 / 484.0) < 1e-5);
}

BOOST_AUTO_TEST_CASE(a_kink_costs_what_is_stated) {
  const OddFourPoint four = four_point(laplace);
  const OddTwoPoint two(OddTable(laplace), 1.0);
  for (const double c : {0.1, 0.3, 0.5, 0.8})
    BOOST_TEST(std::abs(four({c, 0, 0, 0, 0, 0.7}) - two(c) * two(0.7)) < 5e-4);
  for (const double c : {0.1, 0.3, 0.5, 0.8, 1.0})
    BOOST_TEST(std::abs(four({1, 0, 0, 0, 0, c}) - two(c)) < 1e-4);
  BOOST_TEST(std::abs(four(smooth(0, 0, 0)) - 6.0) < 1e-7);
}

BOOST_AUTO_TEST_CASE(four_points_do_not_depend_on_the_order_of_the_sites) {
  const OddFourPoint four = four_point(uniform);
  const double value = four({0.1, 0.2, 0.3, 0.4, 0.5, 0.6});
  BOOST_TEST(std::abs(four({0.1, 0.4, 0.5, 0.2, 0.3, 0.6}) - value) < 1e-12);     // 1 <-> 2
  BOOST_TEST(std::abs(four({0.2, 0.1, 0.3, 0.4, 0.6, 0.5}) - value) < 1e-12);     // 2 <-> 3
  BOOST_TEST(std::abs(four({0.1, 0.3, 0.2, 0.5, 0.4, 0.6}) - value) < 1e-12);     // 3 <-> 4
  BOOST_TEST(std::abs(four({-0.1, -0.2, -0.3, 0.4, 0.5, 0.6}) + value) < 1e-12);  // odd in 1
}

BOOST_AUTO_TEST_SUITE_END()
