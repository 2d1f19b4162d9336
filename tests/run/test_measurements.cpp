// The standard error of the mean of several runs, by its definition.

#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/run/measurements.hpp"

#include "random_weights.hpp"

BOOST_AUTO_TEST_SUITE(measurements)

using namespace popflow;

namespace {

using Dimensions = std::vector<std::pair<std::string, std::size_t>>;

// R runs of S snapshots.
std::vector<std::vector<Weights>> random_runs(int runs, int snapshots, int neurons, int sites) {
  std::vector<std::vector<Weights>> result(static_cast<std::size_t>(runs));
  std::uint64_t seed = 0;
  for (auto& run : result)
    for (int n = 0; n < snapshots; ++n) run.push_back(test::random_weights(neurons, sites, ++seed));
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(error_of_weights_is_the_scatter_of_runs) {
  for (const auto& [torus, lattice] : {std::pair{Torus({6}), Dimensions{{"site", 6}}},
                                       {Torus({2, 3}), {{"row", 2}, {"column", 3}}}}) {
    const auto runs = random_runs(3, 2, 2, 6);
    const Series series = weights_error(torus, runs);
    Dimensions expected{{"neuron", 2}};
    expected.insert(expected.end(), lattice.begin(), lattice.end());
    BOOST_CHECK((Dimensions(series.dimensions.begin(), series.dimensions.end()) == expected));
    BOOST_REQUIRE(series.values.size() == 2u * 2u * 6u);
    std::size_t entry = 0;
    for (std::size_t n = 0; n < 2; ++n)
      for (int k = 0; k < 2; ++k)
        for (int i = 0; i < 6; ++i) {
          const double a = runs[0][n](k, i), b = runs[1][n](k, i), c = runs[2][n](k, i),
                       mean = (a + b + c) / 3.0,
                       variance = ((a - mean) * (a - mean) + (b - mean) * (b - mean) +
                                   (c - mean) * (c - mean)) /
                                  2.0;
          BOOST_TEST(std::abs(series.values[entry++] - std::sqrt(variance / 3.0)) < 1e-14);
        }
  }
}

BOOST_AUTO_TEST_CASE(one_run_has_no_standard_error) {
  BOOST_CHECK_THROW(weights_error(Torus({6}), random_runs(1, 2, 2, 6)), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
