#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/lattice/lane_fourier.hpp"

#include "random_values.hpp"

BOOST_AUTO_TEST_SUITE(lane_fourier)

using namespace popflow;

namespace {

template <class Real>
using Lanes = Eigen::Matrix<Real, Eigen::Dynamic, lanes, Eigen::RowMajor>;

// Sums of at most 30 numbers of size below 1.5, and a few roundings of each.
template <class Real>
constexpr double rounding = 90.0 * std::numeric_limits<Real>::epsilon();

// The direct sum, at site j of complex field m.
std::complex<double> direct_sum(const Torus& torus, const Lanes<double>& modes, int j, int m) {
  const auto [row, column] = torus.coordinates(j);
  std::complex<double> sum = 0.0;
  for (int q = 0; q < torus.sites(); ++q) {
    const auto [down, right] = torus.coordinates(q);
    const double turns = static_cast<double>(down * row % torus.rows()) / torus.rows() +
                         static_cast<double>(right * column % torus.columns()) / torus.columns();
    sum += std::complex<double>(modes(q, 2 * m), modes(q, 2 * m + 1)) *
           std::polar(1.0, 2.0 * std::numbers::pi * turns);
  }
  return sum;
}

template <class Real>
void check(const std::vector<int>& shape) {
  const Torus torus(shape);
  const Lanes<double> modes =
      test::random_values(torus.sites() * lanes, 1).reshaped<Eigen::RowMajor>(torus.sites(), lanes);
  const Lanes<Real> given = modes.cast<Real>();
  Lanes<Real> fields(torus.sites(), lanes), kept = given;
  LaneFourier<Real>(torus).sum(kept.data(), fields.data());
  BOOST_CHECK(kept == given);
  for (int j = 0; j < torus.sites(); ++j)
    for (int m = 0; m < lanes / 2; ++m) {
      const std::complex<double> sum(fields(j, 2 * m), fields(j, 2 * m + 1));
      BOOST_TEST(std::abs(sum - direct_sum(torus, modes, j, m)) < rounding<Real>);
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(it_is_the_direct_sum_in_both_precisions) {
  for (const std::vector<int>& shape :
       std::vector<std::vector<int>>{{1}, {8}, {7}, {5, 6}, {4, 3}, {1, 5}, {6, 1}}) {
    check<float>(shape);
    check<double>(shape);
  }
}

BOOST_AUTO_TEST_SUITE_END()
