#include <cmath>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/input/marginal.hpp"
#include "popflow/lattice/quadrature.hpp"

BOOST_AUTO_TEST_SUITE(marginal)

using namespace popflow;

namespace {

std::vector<Marginal> marginals() {
  using enum MarginalFamily;
  return {{uniform},
          {laplace},
          {generalised_normal, 1.0},
          {generalised_normal, 1.7},
          {generalised_normal, 100.0},
          {beta, 0.5},
          {beta, 3.0},
          {beta, 1e4},
          {student_t, 4.1},
          {student_t, 1e4}};
}

// E psi(z)^power over z in [-36, 36]; where it falls slowest, as exp(-z^2 (1/2 - 2/4.1)), 1e-7 of
// the fourth moment lies beyond.
double moment(const Marginal& marginal, int power) {
  double sum = 0.0;
  for (int panel = 0; panel < 144; ++panel) {
    const QuadratureRule rule = gauss_legendre(10, 0.25 * panel, 0.25 * (panel + 1));
    for (int m = 0; m < 10; ++m)
      sum += rule.weights[m] * std::exp(-0.5 * rule.nodes[m] * rule.nodes[m]) *
             std::pow(from_normal(marginal, rule.nodes[m]), power);
  }
  return sum * std::sqrt(2.0 / M_PI);
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_law_has_unit_variance_and_the_stated_kurtosis) {
  for (const Marginal& law : marginals()) {
    BOOST_TEST(std::abs(moment(law, 2) - 1.0) < 1e-8);
    BOOST_TEST(std::abs(moment(law, 4) / (3.0 + excess_kurtosis(law)) - 1.0) < 1e-6);
  }
}

BOOST_AUTO_TEST_CASE(the_transform_is_odd_increasing_and_finite_to_the_end_of_its_table) {
  for (const Marginal& law : marginals()) {
    double before = 0.0;
    for (double z = 0.125; z <= 37.0; z += 0.125) {
      const double x = from_normal(law, z);
      BOOST_TEST((x >= before * (1.0 - 1e-15) && std::isfinite(x)));
      BOOST_TEST(x == -from_normal(law, -z));
      before = x;
    }
  }
}

BOOST_AUTO_TEST_CASE(families_meet_where_they_are_the_same_law) {
  using enum MarginalFamily;
  for (double z = 0.1; z < 6.0; z += 0.1) {
    const auto same = [z](const Marginal& a, const Marginal& b, double error) {
      BOOST_TEST(std::abs(from_normal(a, z) - from_normal(b, z)) < error);
    };
    same({generalised_normal, 1.0}, {laplace}, 1e-13);
    same({beta, 1.0}, {uniform}, 1e-13);
    BOOST_TEST(std::abs(from_normal({generalised_normal, 2.0}, z) - z) < 1e-13 * z);
    // The arcsine law.
    const double uniform_part = std::erf(z / std::sqrt(2.0));
    BOOST_TEST(std::abs(from_normal({beta, 0.5}, z) -
                        std::sqrt(2.0) * std::sin(0.5 * M_PI * uniform_part)) < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(shapes_out_of_range_are_refused) {
  using enum MarginalFamily;
  for (const Marginal& law : {Marginal{beta, 0.49}, Marginal{beta, 1.1e4}, Marginal{student_t, 4.0},
                              Marginal{generalised_normal, 0.9}, Marginal{student_t, std::nan("")}})
    BOOST_CHECK_THROW(check_marginal(law), std::invalid_argument);
  for (const Marginal& law : marginals()) BOOST_CHECK_NO_THROW(check_marginal(law));
}

BOOST_AUTO_TEST_SUITE_END()
