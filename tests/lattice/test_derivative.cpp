#include <cmath>
#include <complex>
#include <numbers>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/lattice/derivative.hpp"

#include "direct_fourier.hpp"
#include "random_values.hpp"

BOOST_AUTO_TEST_SUITE(derivative)

using namespace popflow;
using namespace popflow::test;

namespace {

// Sums of at most 24 modes of order one, each with a wave number of order one.
constexpr double rounding = 1e-13;

const std::vector<std::vector<int>> shapes{{1}, {5}, {8}, {3, 4}, {4, 6}, {6, 1}};

double largest(const Field& field) { return field.cwiseAbs().maxCoeff(); }

// 1/N sum_q i k_q f^(q) exp(2 pi i q j / L) over all modes, k_q of the smallest |k_q|; of the two
// equally small ones at L/2 the mean, 0.
Field direct_derivative(const Torus& torus, const Field& field, int axis) {
  const Eigen::VectorXcd modes = direct_transform(torus, field);
  Field derivative = Field::Zero(torus.sites());
  for (int q = 0; q < torus.sites(); ++q) {
    const int place = torus.dimensions() == 1 ? 1 : axis;
    const int wave = torus.coordinates(q)[place], extent = torus.shape()[axis];
    const double k = 2 * wave == extent ? 0.0 : wave - (2 * wave > extent ? extent : 0);
    const std::complex<double> factor(0.0, 2.0 * std::numbers::pi * k / extent);
    for (int j = 0; j < torus.sites(); ++j)
      derivative[j] +=
          (factor * modes[q] * std::conj(plane_wave(torus, q, j))).real() / torus.sites();
  }
  return derivative;
}

}  // namespace

BOOST_AUTO_TEST_CASE(equals_the_direct_sum_over_modes) {
  for (const auto& shape : shapes) {
    const Torus torus(shape);
    FourierTransform fourier(torus);
    const Field field = random_values(torus.sites(), 1);
    for (int axis = 0; axis < torus.dimensions(); ++axis)
      BOOST_TEST(largest(lattice_derivative(fourier, field, axis) -
                         direct_derivative(torus, field, axis)) < rounding);
  }
}

// A product of a sine along either axis, on 16 x 12 sites.
BOOST_AUTO_TEST_CASE(is_that_of_the_continuous_function) {
  const Torus torus({16, 12});
  FourierTransform fourier(torus);
  const double a = 2.0 * std::numbers::pi * 3 / 16, b = 2.0 * std::numbers::pi * 2 / 12;
  Field field(torus.sites()), down(torus.sites()), right(torus.sites());
  for (int j = 0; j < torus.sites(); ++j) {
    const auto [row, column] = torus.coordinates(j);
    field[j] = std::sin(a * row + 0.3) * std::sin(b * column + 0.5);
    down[j] = a * std::cos(a * row + 0.3) * std::sin(b * column + 0.5);
    right[j] = b * std::sin(a * row + 0.3) * std::cos(b * column + 0.5);
  }
  BOOST_TEST(largest(lattice_derivative(fourier, field, 0) - down) < rounding);
  BOOST_TEST(largest(lattice_derivative(fourier, field, 1) - right) < rounding);
}

// By whole sites it is a shift, which whole sites are made of parts of; the sine of L/2 has no
// value.
BOOST_AUTO_TEST_CASE(a_field_is_displaced_by_whole_and_by_parts_of_sites) {
  for (const auto& shape : shapes) {
    const Torus torus(shape);
    FourierTransform fourier(torus);
    const Field field = random_values(torus.sites(), 1);
    for (int axis = 0; axis < torus.dimensions(); ++axis) {
      const int place = torus.dimensions() == 1 ? 1 : axis, extent = torus.shape()[axis];
      Field expected(torus.sites());
      for (int j = 0; j < torus.sites(); ++j) {
        auto to = torus.coordinates(j);
        to[place] = (to[place] + 1) % extent;
        expected[to[0] * torus.columns() + to[1]] = field[j];
      }
      BOOST_TEST(largest(displaced(fourier, field, axis, 1.0) - expected) < rounding);
      BOOST_TEST(largest(displaced(fourier, expected, axis, -1.0) - field) < rounding);
      if (extent % 2 == 0) continue;
      const Field half = displaced(fourier, field, axis, 0.5);
      BOOST_TEST(largest(displaced(fourier, half, axis, 0.5) - expected) < rounding);
    }
  }
}

// The field moves towards larger coordinates, against its derivative.
BOOST_AUTO_TEST_CASE(a_small_displacement_is_the_derivative) {
  const Torus torus({4, 6});
  FourierTransform fourier(torus);
  const Field field = random_values(24, 1);
  for (int axis = 0; axis < 2; ++axis) {
    const Field change =
        (displaced(fourier, field, axis, 1e-4) - displaced(fourier, field, axis, -1e-4)) / 2e-4;
    BOOST_TEST(largest(change + lattice_derivative(fourier, field, axis)) < 1e-6);
  }
}

BOOST_AUTO_TEST_CASE(refuses_an_axis_that_is_not_there) {
  FourierTransform ring(Torus({4}));
  for (const int axis : {-1, 1})
    BOOST_CHECK_THROW(lattice_derivative(ring, Field::Zero(4), axis), std::invalid_argument);
  BOOST_CHECK_THROW(displaced(ring, Field::Zero(4), 1, 0.5), std::invalid_argument);
  BOOST_CHECK_THROW(lattice_derivative(ring, Field::Zero(5), 0), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
