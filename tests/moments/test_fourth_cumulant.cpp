#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/input/gaussian_field.hpp"
#include "popflow/moments/fourth_cumulant.hpp"

#include "cumulant_estimator.hpp"
#include "cumulant_tensor.hpp"
#include "reference_inputs.hpp"
#include "statistics.hpp"

BOOST_AUTO_TEST_SUITE(fourth_cumulant)

using namespace popflow;
using test::nlgp;

namespace {

// Twice the accuracy of ErfFourPoint.
constexpr double tolerance = 2e-12;

using Triple = std::array<int, 3>;

std::vector<Triple> all_triples(const Torus& torus) {
  std::vector<Triple> result;
  const int n = torus.sites();
  for (int a = 0; a < n; ++a)
    for (int b = 0; b < n; ++b)
      for (int c = 0; c < n; ++c) result.push_back({a, b, c});
  return result;
}

// kappa of four sites anywhere.
double at_sites(const FourthCumulant& kappa, const std::array<int, 4>& sites) {
  const Torus& torus = kappa.torus();
  const int back = torus.negate(sites[0]);
  return kappa(torus.add(sites[1], back), torus.add(sites[2], back), torus.add(sites[3], back));
}

double permutation_error(const FourthCumulant& kappa, const Triple& triple) {
  std::array<int, 4> sites{0, triple[0], triple[1], triple[2]};
  std::sort(sites.begin(), sites.end());
  const double expected = kappa(triple[0], triple[1], triple[2]);
  double error = 0.0;
  do error = std::max(error, std::abs(at_sites(kappa, sites) - expected));
  while (std::next_permutation(sites.begin(), sites.end()));
  return error;
}

// The largest change of any entry when every displacement is mapped.
template <class Map>
double change_under(const FourthCumulant& kappa, Map map) {
  double error = 0.0;
  for (const auto& [a, b, c] : all_triples(kappa.torus()))
    error = std::max(error, std::abs(kappa(map(a), map(b), map(c)) - kappa(a, b, c)));
  return error;
}

std::vector<Triple> random_triples(int count, int sites, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_int_distribution<int> site(0, sites - 1);
  std::vector<Triple> result;
  for (int k = 0; k < count; ++k) {
    const int a = site(generator), b = site(generator), c = site(generator);
    result.push_back({a, b, c});
  }
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(is_the_four_point_function_less_its_gaussian_part) {
  const NonlinearGaussianField field = nlgp({3, 4}, 3.0, 1.5);
  const FourthCumulant kappa = popflow::fourth_cumulant(field);
  const Torus& torus = field.torus();
  const auto between = [&](int i, int j) {
    return field.covariance()[torus.add(j, torus.negate(i))];
  };
  for (const auto& [a, b, c] : all_triples(torus)) {
    const double gaussian = between(0, a) * between(b, c) + between(0, b) * between(a, c) +
                            between(0, c) * between(a, b);
    BOOST_TEST(std::abs(kappa(a, b, c) - field.four_point(a, b, c) + gaussian) < tolerance);
  }
}

BOOST_AUTO_TEST_CASE(one_site_has_the_excess_kurtosis) {
  constexpr double half_a_digit = 5e-4;  // theory.md gives three decimals
  const FourthCumulant kappa = popflow::fourth_cumulant(nlgp({8}, 3.0, 2.0));
  BOOST_TEST(std::abs(kappa(0, 0, 0) + 1.757) < half_a_digit);
}

BOOST_AUTO_TEST_CASE(all_24_orders_of_the_sites_agree) {
  for (const NonlinearGaussianField& field :
       {nlgp({8}, 3.0, 2.0), nlgp({7}, 100.0, 1.0), nlgp({3, 4}, 1.0, 1.5)}) {
    const FourthCumulant kappa = popflow::fourth_cumulant(field);
    double error = 0.0;
    for (const Triple& triple : all_triples(field.torus()))
      error = std::max(error, permutation_error(kappa, triple));
    BOOST_TEST(error < tolerance);
  }
}

BOOST_AUTO_TEST_CASE(inversion_changes_nothing) {
  for (const NonlinearGaussianField& field :
       {nlgp({8}, 3.0, 2.0), nlgp({7}, 100.0, 1.0), nlgp({3, 4}, 1.0, 1.5)}) {
    const Torus torus = field.torus();
    const auto inverted = [&torus](int d) { return torus.negate(d); };
    BOOST_TEST(change_under(popflow::fourth_cumulant(field), inverted) < tolerance);
  }
}

// Not asked of every input, but these correlations are products of even functions of the axes.
BOOST_AUTO_TEST_CASE(reflecting_one_axis_changes_nothing) {
  const NonlinearGaussianField field = nlgp({3, 4}, 3.0, 1.5);
  const FourthCumulant kappa = popflow::fourth_cumulant(field);
  const Torus torus = field.torus();
  const auto rows_reflected = [&torus](int d) {
    return torus.site(-torus.coordinates(d)[0], torus.coordinates(d)[1]);
  };
  const auto columns_reflected = [&torus](int d) {
    return torus.site(torus.coordinates(d)[0], -torus.coordinates(d)[1]);
  };
  BOOST_TEST(change_under(kappa, rows_reflected) < tolerance);
  BOOST_TEST(change_under(kappa, columns_reflected) < tolerance);
}

BOOST_AUTO_TEST_CASE(a_symmetry_that_the_lattice_cannot_have_is_refused) {
  const auto zero = [](int, int, int) { return 0.0; };
  const LatticeSymmetry exchange{.axis_reflections = false, .axis_exchange = true};
  BOOST_CHECK_THROW(FourthCumulant(Torus({3, 4}), Field::Zero(12), zero, exchange),
                    std::invalid_argument);
  BOOST_CHECK_NO_THROW(FourthCumulant(Torus({3, 3}), Field::Zero(9), zero, exchange));
}

BOOST_AUTO_TEST_CASE(vanishes_exactly_for_the_gaussian_clone) {
  for (const NonlinearGaussianField& field : {nlgp({8}, 3.0, 2.0), nlgp({3, 4}, 3.0, 1.5)}) {
    const FourthCumulant kappa = popflow::fourth_cumulant(gaussian_clone(field));
    BOOST_TEST(test::cumulant_tensor(kappa).cwiseAbs().maxCoeff() == 0.0);
    BOOST_TEST(test::cumulant_tensor(popflow::fourth_cumulant(field)).cwiseAbs().maxCoeff() > 1.0);
  }
}

// At xi = 0.1 neighbours correlate by exp(-100).
BOOST_AUTO_TEST_CASE(vanishes_between_independent_sites) {
  const FourthCumulant kappa = popflow::fourth_cumulant(nlgp({6}, 3.0, 0.1));
  for (const auto& [a, b, c] : all_triples(kappa.torus()))
    if (a != 0 || b != 0 || c != 0) BOOST_TEST(std::abs(kappa(a, b, c)) < tolerance);
}

// 50 comparisons, each off by chance with probability 6.3e-5 at another seed: 0.3 % together.
BOOST_AUTO_TEST_CASE(fifty_random_entries_agree_with_monte_carlo) {
  const NonlinearGaussianField field = nlgp({20}, 3.0, 4.0);
  const FourthCumulant kappa = popflow::fourth_cumulant(field);
  const std::vector<Triple> entries = random_triples(50, 20, 3);
  Eigen::ArrayXd exact(50);
  for (int k = 0; k < 50; ++k) exact[k] = kappa(entries[k][0], entries[k][1], entries[k][2]);
  test::CumulantEstimator estimator(field, entries);
  test::check_means(estimator.estimate(test::sample_count(300'000)), exact);
}

BOOST_AUTO_TEST_SUITE_END()
