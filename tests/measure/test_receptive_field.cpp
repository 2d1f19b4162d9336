#include <cmath>
#include <limits>
#include <numbers>

#include <boost/test/unit_test.hpp>

#include "popflow/measure/receptive_field.hpp"
#include "popflow/network/weights.hpp"

#include "random_values.hpp"
#include "random_weights.hpp"
#include "statistics.hpp"

BOOST_AUTO_TEST_SUITE(receptive_field)

using namespace popflow;
using std::numbers::pi;

namespace {

// Sums of at most 1e4 terms of order one, to rounding.
constexpr double rounding = 1e-12;

// exp(-r_row^2 / 2 s_row^2 - r_column^2 / 2 s_column^2) at any real centre, nearest image: for
// s <= L / 10 and away from the far side, the images are below 1e-10.
Field bump(const Torus& torus, std::array<double, 2> centre, std::array<double, 2> s) {
  const auto exponent = [](double x, double extent, double width) {
    const double r = std::remainder(x, extent) / width;
    return r * r / 2.0;
  };
  Field u(torus.sites());
  for (int i = 0; i < torus.sites(); ++i) {
    const auto [row, column] = torus.coordinates(i);
    u[i] = std::exp(-exponent(row - centre[0], torus.rows(), s[0]) -
                    exponent(column - centre[1], torus.columns(), s[1]));
  }
  return u;
}

Field sinusoid(const Torus& torus, int row_mode, int column_mode, double phase) {
  Field u(torus.sites());
  for (int i = 0; i < torus.sites(); ++i) {
    const auto [row, column] = torus.coordinates(i);
    u[i] = std::cos(
        2.0 * pi *
            (1.0 * row_mode * row / torus.rows() + 1.0 * column_mode * column / torus.columns()) +
        phase);
  }
  return u;
}

bool near(double a, double b, double tolerance) { return std::abs(a - b) <= tolerance; }

}  // namespace

BOOST_AUTO_TEST_CASE(ipr_of_a_uniform_field_is_one_over_the_number_of_sites) {
  for (int n : {1, 7, 100})
    BOOST_TEST(near(n * inverse_participation_ratio(Field::Constant(n, -0.3)), 1.0, rounding));
}

BOOST_AUTO_TEST_CASE(ipr_of_one_site_is_one) {
  BOOST_TEST(inverse_participation_ratio(-3.0 * Field::Unit(50, 17)) == 1.0);
}

BOOST_AUTO_TEST_CASE(ipr_of_m_equal_sites_is_one_over_m) {
  Field u = Field::Zero(60);
  for (int i : {3, 4, 20, 21, 22}) u[i] = i % 2 ? 0.7 : -0.7;
  BOOST_TEST(near(inverse_participation_ratio(u), 0.2, rounding));
}

BOOST_AUTO_TEST_CASE(ipr_of_a_sinusoid_is_three_halves_of_uniform) {
  const Torus ring({100}), plane({20, 24});
  for (double phase : {0.0, 0.4}) {
    BOOST_TEST(near(100 * inverse_participation_ratio(sinusoid(ring, 0, 7, phase)), 1.5, rounding));
    BOOST_TEST(
        near(480 * inverse_participation_ratio(sinusoid(plane, 3, 5, phase)), 1.5, rounding));
  }
}

// Sums over the lattice equal integrals to exp(-(pi s)^2), 1e-17 for s = 2.
BOOST_AUTO_TEST_CASE(ipr_of_a_bump_is_that_of_its_integral) {
  const double s = 3.0;
  const double ring = inverse_participation_ratio(bump(Torus({100}), {0.0, 41.3}, {1.0, s}));
  BOOST_TEST(near(ring, 1.0 / (s * std::sqrt(2.0 * pi)), rounding));
  const double plane = inverse_participation_ratio(bump(Torus({40, 60}), {9.9, 30.2}, {s, s}));
  BOOST_TEST(near(plane, 1.0 / (2.0 * pi * s * s), rounding));
}

// E sum u^4 / E (sum u^2)^2 = 3 N / (N (N + 2)) = 3 / (N + 2); for a Gaussian vector the direction
// is independent of the length, so that this is the mean itself.
BOOST_AUTO_TEST_CASE(ipr_of_gaussian_vectors_is_three_over_n_plus_two_on_average) {
  const int n = 100, samples = 2000;
  const Weights vectors = test::random_weights(samples, n, 5);
  test::SampleMeans ipr(1);
  for (int k = 0; k < samples; ++k)
    ipr.add(Eigen::ArrayXd::Constant(1, inverse_participation_ratio(vectors.row(k))));
  BOOST_TEST(near(ipr.mean()[0], 3.0 / (n + 2.0),
                  test::allowed_standard_errors * ipr.standard_error()[0]));
}

BOOST_AUTO_TEST_CASE(ipr_ignores_scale_even_where_powers_underflow) {
  const Field u = test::random_values(30, 1);
  for (double scale : {-1.0, 1e-120, 1e120})
    BOOST_TEST(
        near(inverse_participation_ratio(scale * u), inverse_participation_ratio(u), rounding));
}

BOOST_AUTO_TEST_CASE(centre_and_width_of_a_bump_are_its_own) {
  const Torus ring({100}), plane({40, 60});
  for (double x : {0.0, 0.4, 23.0, 57.25, 99.6}) {
    const Field u = -2.0 * bump(ring, {0.0, x}, {1.0, 4.0});
    BOOST_TEST(near(std::remainder(centre(ring, u)[1] - x, 100.0), 0.0, 1e-10));
    BOOST_TEST(near(width(ring, u)[1], 4.0, 1e-10));
    BOOST_TEST(centre(ring, u)[0] == 0.0);
    BOOST_TEST(width(ring, u)[0] == 0.0);
  }
  const Field u = bump(plane, {35.5, 12.25}, {2.5, 5.0});
  BOOST_TEST(near(centre(plane, u)[0], 35.5, 1e-10));
  BOOST_TEST(near(centre(plane, u)[1], 12.25, 1e-10));
  BOOST_TEST(near(width(plane, u)[0], 2.5, 1e-10));
  BOOST_TEST(near(width(plane, u)[1], 5.0, 1e-10));
}

BOOST_AUTO_TEST_CASE(centre_lies_on_the_lattice) {
  const Torus torus({17, 23});
  for (int seed = 0; seed < 200; ++seed) {
    const auto [row, column] = centre(torus, test::random_values(torus.sites(), seed));
    BOOST_TEST((row >= 0.0 && row < 17.0 && column >= 0.0 && column < 23.0));
  }
  for (int i = 0; i < torus.sites(); ++i) {
    const Field u = Field::Unit(torus.sites(), i);
    BOOST_TEST(near(centre(torus, u)[0], torus.coordinates(i)[0], rounding));
    BOOST_TEST(near(centre(torus, u)[1], torus.coordinates(i)[1], rounding));
    BOOST_TEST(near(width(torus, u)[0], 0.0, 1e-6));  // sqrt(-ln R), R to rounding
    BOOST_TEST(near(width(torus, u)[1], 0.0, 1e-6));
  }
  // A hair before site 0: L - 1e-17 would round to L.
  Field u = Field::Unit(torus.sites(), 0);
  u[22] = 1e-9;
  BOOST_TEST(centre(torus, u)[1] < 23.0);
}

BOOST_AUTO_TEST_CASE(centre_follows_shifts_and_width_does_not) {
  const Torus torus({10, 16});
  const Field u = test::random_values(160, 3);
  const Field moved = shifted(torus, u, torus.site(4, 9));
  BOOST_TEST(near(std::remainder(centre(torus, moved)[0] - centre(torus, u)[0] - 4, 10), 0, 1e-10));
  BOOST_TEST(near(std::remainder(centre(torus, moved)[1] - centre(torus, u)[1] - 9, 16), 0, 1e-10));
  BOOST_TEST(near(width(torus, moved)[0], width(torus, u)[0], 1e-10));
  BOOST_TEST(near(width(torus, moved)[1], width(torus, u)[1], 1e-10));
}

BOOST_AUTO_TEST_CASE(fields_without_a_direction_have_no_centre_and_infinite_width) {
  const Torus ring({100}), plane({12, 20});
  for (const Field& u : {Field(Field::Ones(100)), sinusoid(ring, 0, 3, 0.7)}) {
    BOOST_TEST(std::isnan(centre(ring, u)[1]));
    BOOST_TEST(width(ring, u)[1] == std::numeric_limits<double>::infinity());
  }
  // A stripe is localised along one axis only.
  const Field stripe = bump(plane, {5.0, 0.0}, {1.0, 1e9});
  BOOST_TEST(near(centre(plane, stripe)[0], 5.0, 1e-10));
  BOOST_TEST(std::isnan(centre(plane, stripe)[1]));
  BOOST_TEST(width(plane, stripe)[1] == std::numeric_limits<double>::infinity());
}

BOOST_AUTO_TEST_CASE(the_dominant_mode_of_a_sinusoid_is_its_own) {
  const Torus ring({100}), odd({15}), plane({12, 20});
  FourierTransform on_ring(ring), on_odd(odd), on_plane(plane);
  using Mode = std::array<int, 2>;
  for (int q : {0, 1, 7, 49, 50})
    BOOST_TEST((dominant_mode(on_ring, sinusoid(ring, 0, q, 0.3)) == Mode{0, q}));
  BOOST_TEST((dominant_mode(on_ring, sinusoid(ring, 0, 93, 0.3)) == Mode{0, 7}));
  BOOST_TEST((dominant_mode(on_odd, sinusoid(odd, 0, 7, 0.3)) == Mode{0, 7}));
  for (int row = -5; row <= 6; ++row)
    for (int column : {1, 4, 9})
      BOOST_TEST((dominant_mode(on_plane, sinusoid(plane, row, column, 0.3)) == Mode{row, column}));
  for (int row = -5; row <= 6; ++row)
    for (int column : {0, 10})
      BOOST_TEST((dominant_mode(on_plane, sinusoid(plane, row, column, 0.3)) ==
                  Mode{std::abs(row), column}));
}

// Rounding makes either of two stored, opposite modes the larger.
BOOST_AUTO_TEST_CASE(of_opposite_modes_the_dominant_one_has_a_positive_row) {
  const Torus torus({21, 6});  // on 21 rows FFTW's opposite modes differ in the last bits
  FourierTransform fourier(torus);
  for (int seed = 0; seed < 300; ++seed) {
    const Field profile = test::random_values(21, seed);
    Field stripes(126), staggered(126);  // columns all alike, and of alternating sign
    for (int i = 0; i < 126; ++i) {
      const auto [row, column] = torus.coordinates(i);
      stripes[i] = profile[row];
      staggered[i] = column % 2 ? -profile[row] : profile[row];
    }
    BOOST_TEST(dominant_mode(fourier, stripes)[0] >= 0);
    BOOST_TEST(dominant_mode(fourier, stripes)[1] == 0);
    BOOST_TEST(dominant_mode(fourier, staggered)[0] >= 0);
    BOOST_TEST(dominant_mode(fourier, staggered)[1] == 3);
  }
}

BOOST_AUTO_TEST_CASE(the_dominant_mode_is_the_strongest_of_several) {
  const Torus ring({64});
  FourierTransform fourier(ring);
  const Field u =
      0.4 * Field::Ones(64) + sinusoid(ring, 0, 5, 1.0) - 1.1 * sinusoid(ring, 0, 9, 2.0);
  BOOST_TEST(dominant_mode(fourier, u)[1] == 9);
  BOOST_TEST(dominant_mode(fourier, u + 0.3 * Field::Ones(64))[1] == 0);  // 0.7 > 1.1 / 2
}

BOOST_AUTO_TEST_CASE(sign_is_that_of_the_largest_entry) {
  Field u = test::random_values(40, 9);
  u[13] = -2.0;
  BOOST_TEST(dominant_sign(u) == -1);
  BOOST_TEST(dominant_sign(-u) == 1);
}

BOOST_AUTO_TEST_CASE(a_zero_field_has_no_observables) {
  const Torus torus({4, 6});
  FourierTransform fourier(torus);
  const Field zero = Field::Zero(24);
  BOOST_TEST(std::isnan(inverse_participation_ratio(zero)));
  BOOST_TEST(std::isnan(centre(torus, zero)[0]));
  BOOST_TEST(std::isnan(width(torus, zero)[1]));
  BOOST_TEST((dominant_mode(fourier, zero) == std::array{0, 0}));
  BOOST_TEST(dominant_sign(zero) == 0);
}

BOOST_AUTO_TEST_CASE(fields_of_the_wrong_size_are_refused) {
  const Torus torus({4, 6});
  FourierTransform fourier(torus);
  for (int size : {0, 23, 25}) {
    const Field u = Field::Ones(size);
    BOOST_CHECK_THROW(centre(torus, u), std::invalid_argument);
    BOOST_CHECK_THROW(width(torus, u), std::invalid_argument);
    BOOST_CHECK_THROW(dominant_mode(fourier, u), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_SUITE_END()
