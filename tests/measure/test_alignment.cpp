#include <cmath>
#include <limits>

#include <boost/test/unit_test.hpp>

#include "popflow/lattice/half_spectrum.hpp"
#include "popflow/measure/alignment.hpp"

#include "random_values.hpp"
#include "random_weights.hpp"

BOOST_AUTO_TEST_SUITE(alignment)

using namespace popflow;

namespace {

// Fields of order one, sums of at most a few hundred terms.
constexpr double rounding = 1e-13;

// All shifts and signs, one by one.
double smallest_error(const Torus& torus, const Field& a, const Field& b) {
  double smallest = std::numeric_limits<double>::infinity();
  for (int shift = 0; shift < torus.sites(); ++shift)
    for (double sign : {1.0, -1.0})
      smallest = std::min(smallest, (sign * shifted(torus, a, shift) - b).norm() / b.norm());
  return smallest;
}

const std::vector<std::vector<int>> shapes = {{1}, {2}, {24}, {25}, {6, 8}, {5, 7}, {1, 9}, {9, 1}};

}  // namespace

BOOST_AUTO_TEST_CASE(no_shift_and_sign_is_better) {
  for (const auto& shape : shapes) {
    const Torus torus(shape);
    FourierTransform fourier(torus);
    for (int seed = 0; seed < 50; ++seed) {
      const Field a = test::random_values(torus.sites(), seed);
      const Field b = test::random_values(torus.sites(), 1000 + seed);
      const Alignment found = align(fourier, a, b);
      BOOST_TEST(std::abs(found.relative_error - smallest_error(torus, a, b)) < rounding);
      const Field expected = found.sign * shifted(torus, a, found.shift);
      BOOST_TEST(found.aligned == expected);
      BOOST_TEST(found.relative_error == relative_error(found.aligned, b));
    }
  }
}

BOOST_AUTO_TEST_CASE(every_shift_and_sign_is_recovered) {
  for (const auto& shape : shapes) {
    const Torus torus(shape);
    FourierTransform fourier(torus);
    const Field a = test::random_values(torus.sites(), 7);
    for (int shift = 0; shift < torus.sites(); ++shift)
      for (int sign : {1, -1}) {
        const Alignment found = align(fourier, a, sign * shifted(torus, a, shift));
        BOOST_TEST(found.shift == shift);
        BOOST_TEST(found.sign == sign);
        BOOST_TEST(found.relative_error == 0.0);
      }
  }
}

BOOST_AUTO_TEST_CASE(scale_is_not_aligned) {
  const Torus torus({30});
  FourierTransform fourier(torus);
  const Field a = test::random_values(30, 2);
  BOOST_TEST(std::abs(align(fourier, a, -2.0 * shifted(torus, a, 11)).relative_error - 0.5) <
             rounding);
}

BOOST_AUTO_TEST_CASE(of_equal_shifts_the_first_is_taken) {
  const Torus torus({60});
  FourierTransform fourier(torus);
  for (int period : {1, 2, 15, 20, 60})
    for (int seed = 0; seed < 100; ++seed) {
      const Field cell = test::random_values(period, seed);
      const Field u = cell.replicate(60 / period, 1);
      const Alignment found = align(fourier, u, u);
      BOOST_TEST(found.shift == 0);
      BOOST_TEST(found.sign == 1);
      BOOST_TEST(align(fourier, u, -shifted(torus, u, 20)).shift == 20 % period);
    }
}

BOOST_AUTO_TEST_CASE(zero_fields_are_aligned_as_they_are) {
  const Torus torus({5});
  FourierTransform fourier(torus);
  const Field zero = Field::Zero(5), one = Field::Ones(5);
  BOOST_TEST(align(fourier, zero, one).shift == 0);
  BOOST_TEST(align(fourier, zero, one).sign == 1);
  BOOST_TEST(align(fourier, zero, one).relative_error == 1.0);
  BOOST_TEST(align(fourier, one, zero).relative_error == std::numeric_limits<double>::infinity());
  BOOST_TEST(align(fourier, zero, zero).relative_error == 0.0);
}

BOOST_AUTO_TEST_CASE(fields_that_are_not_finite_have_no_small_error) {
  const Torus torus({5});
  FourierTransform fourier(torus);
  Field a = Field::Ones(5);
  a[2] = std::numeric_limits<double>::quiet_NaN();
  BOOST_TEST(std::isnan(align(fourier, a, Field::Ones(5)).relative_error));
}

BOOST_AUTO_TEST_CASE(relative_error_is_relative_to_the_second) {
  const Field a = Eigen::Vector2d(3.0, 4.0), b = Eigen::Vector2d(0.0, 2.0);
  BOOST_TEST(std::abs(relative_error(a, b) - std::sqrt(13.0) / 2.0) < rounding);
  BOOST_TEST(std::abs(relative_error(b, a) - std::sqrt(13.0) / 5.0) < rounding);
}

BOOST_AUTO_TEST_CASE(every_neuron_is_aligned_on_its_own) {
  const Torus torus({6, 8});
  FourierTransform fourier(torus);
  const Weights b = test::random_weights(3, 48, 4);
  Weights a(3, 48);
  a.row(0) = b.row(0);
  a.row(1) = -shifted(torus, b.row(1), torus.site(2, 5));
  a.row(2) = shifted(torus, b.row(2), torus.site(5, 1));
  BOOST_TEST(relative_error(a, b) > 0.5);
  BOOST_TEST(relative_error(aligned(fourier, a, b), b) == 0.0);
  a.row(1) *= 1.1;
  BOOST_TEST(std::abs(relative_error(aligned(fourier, a, b), b) -
                      0.1 * b.row(1).norm() / b.norm()) < rounding);
}

BOOST_AUTO_TEST_CASE(shapes_that_differ_are_refused) {
  const Torus torus({6});
  FourierTransform fourier(torus);
  const Field six = Field::Ones(6), five = Field::Ones(5);
  BOOST_CHECK_THROW(align(fourier, six, five), std::invalid_argument);
  BOOST_CHECK_THROW(align(fourier, five, six), std::invalid_argument);
  BOOST_CHECK_THROW(relative_error(six, five), std::invalid_argument);
  const Spectrum four = Spectrum::Ones(4),
                 three = Spectrum::Ones(3);  // modes of six sites, and not
  BOOST_CHECK_THROW(cross_correlation(fourier, four, three), std::invalid_argument);
  BOOST_CHECK_THROW(cross_correlation(fourier, three, four), std::invalid_argument);
  BOOST_CHECK_THROW(aligned(fourier, Weights::Ones(2, 6), Weights::Ones(1, 6)),
                    std::invalid_argument);
  BOOST_CHECK_THROW(aligned(fourier, Weights::Ones(2, 5), Weights::Ones(2, 5)),
                    std::invalid_argument);
  BOOST_CHECK_THROW(aligned(fourier, Weights::Ones(2, 6), Weights::Ones(2, 5)),
                    std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
