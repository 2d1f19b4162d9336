#include <cmath>
#include <complex>
#include <numbers>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/lattice/fourier_basis.hpp"

#include "direct_fourier.hpp"
#include "random_values.hpp"

BOOST_AUTO_TEST_SUITE(moved_fields)

using namespace popflow;
using namespace popflow::test;

namespace {

// Sums of at most 24 modes of order one, each with a wave number of order one.
constexpr double rounding = 1e-13;

const std::vector<std::vector<int>> shapes{{1},    {2},    {5},    {8},    {1, 8}, {6, 1},
                                           {3, 4}, {4, 4}, {4, 5}, {2, 2}, {2, 4}, {4, 6}};

double largest(const Field& field) { return field.cwiseAbs().maxCoeff(); }

// A motion of the coefficients of a field, as one of the field.
template <class Motion>
Field over_sites(const FourierBasis& basis, const Field& field, const Motion& motion) {
  Field coefficients(basis.torus().sites()), result(basis.torus().sites());
  basis.from_sites(field, coefficients);
  basis.to_sites(motion(coefficients), result);
  return result;
}

Field derivative_of(const FourierBasis& basis, const Field& field, int axis) {
  return over_sites(basis, field, [&](const Field& w) { return basis.derivative(w, axis); });
}

Field displaced(const FourierBasis& basis, const Field& field, int axis, double sites) {
  return over_sites(basis, field, [&](const Field& w) { return basis.displaced(w, axis, sites); });
}

// The real part of 1/N sum_q factor(k_q) f^(q) exp(2 pi i q j / L) over all modes, k_q of the
// smallest |k_q|; of the two equally small ones at L/2 the mean of the factors.
template <class Factor>
Field direct_sum(const Torus& torus, const Field& field, int axis, const Factor& factor) {
  const Eigen::VectorXcd modes = direct_transform(torus, field);
  Field sum = Field::Zero(torus.sites());
  for (int q = 0; q < torus.sites(); ++q) {
    const int place = torus.dimensions() == 1 ? 1 : axis;
    const int wave = torus.coordinates(q)[place], extent = torus.shape()[axis];
    const double k = 2.0 * std::numbers::pi * (2 * wave > extent ? wave - extent : wave) / extent;
    const std::complex<double> by = 2 * wave == extent ? 0.5 * (factor(k) + factor(-k)) : factor(k);
    for (int j = 0; j < torus.sites(); ++j)
      sum[j] += (by * modes[q] * std::conj(plane_wave(torus, q, j))).real() / torus.sites();
  }
  return sum;
}

}  // namespace

BOOST_AUTO_TEST_CASE(equals_the_direct_sum_over_modes) {
  for (const auto& shape : shapes) {
    const Torus torus(shape);
    const FourierBasis basis(torus);
    const Field field = random_values(torus.sites(), 1);
    for (int axis = 0; axis < torus.dimensions(); ++axis) {
      const auto slope = [](double k) { return std::complex<double>(0.0, k); };
      BOOST_TEST(largest(derivative_of(basis, field, axis) -
                         direct_sum(torus, field, axis, slope)) < rounding);
      for (const double sites : {0.0, 1.0, 0.3, -2.5, 4.0}) {
        const auto phase = [sites](double k) { return std::polar(1.0, -k * sites); };
        BOOST_TEST(largest(displaced(basis, field, axis, sites) -
                           direct_sum(torus, field, axis, phase)) < rounding);
      }
    }
  }
}

// A product of a sine along either axis, on 16 x 12 sites.
BOOST_AUTO_TEST_CASE(is_that_of_the_continuous_function) {
  const Torus torus({16, 12});
  const FourierBasis basis(torus);
  const double a = 2.0 * std::numbers::pi * 3 / 16, b = 2.0 * std::numbers::pi * 2 / 12;
  Field field(torus.sites()), down(torus.sites()), right(torus.sites());
  for (int j = 0; j < torus.sites(); ++j) {
    const auto [row, column] = torus.coordinates(j);
    field[j] = std::sin(a * row + 0.3) * std::sin(b * column + 0.5);
    down[j] = a * std::cos(a * row + 0.3) * std::sin(b * column + 0.5);
    right[j] = b * std::sin(a * row + 0.3) * std::cos(b * column + 0.5);
  }
  BOOST_TEST(largest(derivative_of(basis, field, 0) - down) < rounding);
  BOOST_TEST(largest(derivative_of(basis, field, 1) - right) < rounding);
}

// A displacement by a whole site is a shift. Two displacements by half a site make a whole one,
// unless L is even: the sine of the mode L/2 has no value at the sites.
BOOST_AUTO_TEST_CASE(a_field_is_displaced_by_whole_and_by_parts_of_sites) {
  for (const auto& shape : shapes) {
    const Torus torus(shape);
    const FourierBasis basis(torus);
    const Field field = random_values(torus.sites(), 1);
    for (int axis = 0; axis < torus.dimensions(); ++axis) {
      const int place = torus.dimensions() == 1 ? 1 : axis, extent = torus.shape()[axis];
      Field expected(torus.sites());
      for (int j = 0; j < torus.sites(); ++j) {
        auto to = torus.coordinates(j);
        to[place] = (to[place] + 1) % extent;
        expected[to[0] * torus.columns() + to[1]] = field[j];
      }
      BOOST_TEST(largest(displaced(basis, field, axis, 1.0) - expected) < rounding);
      BOOST_TEST(largest(displaced(basis, expected, axis, -1.0) - field) < rounding);
      if (extent % 2 == 0) continue;
      const Field half = displaced(basis, field, axis, 0.5);
      BOOST_TEST(largest(displaced(basis, half, axis, 0.5) - expected) < rounding);
    }
  }
}

// The field moves towards larger coordinates, against its derivative.
BOOST_AUTO_TEST_CASE(a_small_displacement_is_the_derivative) {
  const Torus torus({4, 6});
  const FourierBasis basis(torus);
  const Field field = random_values(24, 1);
  for (int axis = 0; axis < 2; ++axis) {
    const Field change =
        (displaced(basis, field, axis, 1e-4) - displaced(basis, field, axis, -1e-4)) / 2e-4;
    BOOST_TEST(largest(change + derivative_of(basis, field, axis)) < 1e-6);
  }
}

BOOST_AUTO_TEST_CASE(refuses_an_axis_that_is_not_there) {
  const FourierBasis ring(Torus({4}));
  for (const int axis : {-1, 1})
    BOOST_CHECK_THROW(derivative_of(ring, Field::Zero(4), axis), std::invalid_argument);
  BOOST_CHECK_THROW(displaced(ring, Field::Zero(4), 1, 0.5), std::invalid_argument);
  BOOST_CHECK_THROW(derivative_of(ring, Field::Zero(5), 0), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
