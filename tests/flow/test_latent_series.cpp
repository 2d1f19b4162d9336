#include <cmath>

#include <Eigen/Core>
#include <boost/test/unit_test.hpp>

#include "popflow/flow/latent_series.hpp"

BOOST_AUTO_TEST_SUITE(latent_series)

using namespace popflow;

namespace {

constexpr int sites = 10, active = 6, most_terms = 24;

double rho(int i, int a) { return 0.9 * std::exp(-0.2 * std::abs(i - a)) * (i % 2 == 0 ? 1 : -1); }

LatentSeries series(double tolerance, const Eigen::VectorXd& weight, double effective) {
  LatentSeries series(sites, tolerance, most_terms);
  series.start(active);
  for (int i = 0; i < sites; ++i)
    for (int a = 0; a < active; ++a) series.rho(i, a) = rho(i, a);
  series.expand(weight, effective);
  return series;
}

// terms x sites x active, of what the lists have.
Eigen::MatrixXd dense(const LatentSeries& series) {
  constexpr std::ptrdiff_t groups = 3, rows = LatentSeries::rows;
  Eigen::MatrixXd power = Eigen::MatrixXd::Zero(series.terms() * groups * rows, active);
  for (std::ptrdiff_t list = 0; list < series.terms() * groups; ++list)
    for (std::ptrdiff_t e = series.begin()[list]; e < series.begin()[list + 1]; ++e)
      for (std::ptrdiff_t k = 0; k < rows; ++k)
        power(list * rows + k, series.position()[e]) = series.power()[e * rows + k];
  return power;
}

}  // namespace

// Terms of rho^m / m!, the last one with the share that is asked for; without what is below a tenth
// of the tolerance, whatever its neighbours are.
BOOST_AUTO_TEST_CASE(lists_have_the_powers_that_matter) {
  const double tolerance = 1e-2, asked = 5.3;
  const Eigen::VectorXd weight = Eigen::VectorXd::LinSpaced(active, 0.05, 1.0);
  const LatentSeries found = series(tolerance, weight, std::pow(tolerance, 1.0 / asked));
  BOOST_TEST(found.terms() == 6);
  const Eigen::MatrixXd power = dense(found);
  int left_out = 0;
  for (int m = 1; m <= 6; ++m)
    for (int i = 0; i < sites; ++i)
      for (int a = 0; a < active; ++a) {
        const double share = m == 6 ? asked - 5.0 : 1.0;
        const double exact = share * std::pow(rho(i, a), m) / std::tgamma(m + 1);
        const bool matters = weight[a] * std::abs(exact) * std::tgamma(m) > 0.1 * tolerance;
        left_out += matters ? 0 : 1;
        BOOST_TEST(std::abs(power((m - 1) * 12 + i, a) - (matters ? exact : 0.0)) < 1e-14);
      }
  BOOST_TEST(left_out > 50);
}

BOOST_AUTO_TEST_CASE(every_list_is_within_the_one_of_the_term_before) {
  const LatentSeries found = series(1e-2, Eigen::VectorXd::Ones(active), 0.7);
  for (int list = 3; list < 3 * found.terms(); ++list)
    BOOST_TEST(found.begin()[list + 1] - found.begin()[list] <=
               found.begin()[list - 2] - found.begin()[list - 3]);
}

BOOST_AUTO_TEST_CASE(there_is_a_term_at_least_and_at_most_as_many_as_allowed) {
  const Eigen::VectorXd weight = Eigen::VectorXd::Ones(active);
  BOOST_TEST(series(1e-3, weight, 0.0).terms() == 1);
  BOOST_TEST(series(1e-3, weight, 1e-9).terms() == 1);
  BOOST_TEST(series(1e-3, weight, 0.99).terms() == most_terms);
}

BOOST_AUTO_TEST_SUITE_END()
