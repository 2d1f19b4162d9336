#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/input/correlation.hpp"
#include "popflow/lattice/half_spectrum.hpp"

#include "direct_fourier.hpp"
#include "random_values.hpp"

BOOST_AUTO_TEST_SUITE(correlation)

using namespace popflow;

namespace {

// Each correlation is a ratio of sums of positive terms: a few roundings.
constexpr double rounding = 1e-14;

// A transform's entries, of order N, are right to this times N.
constexpr double spectral_rounding = 1e-14;

// Terms beyond ten correlation lengths are below exp(-100).
double summed_images(int r, int extent, double xi) {
  const int images = static_cast<int>(10.0 * xi / extent) + 2;
  long double sum = 0.0L, at_zero = 0.0L;
  for (int m = -images; m <= images; ++m) {
    const long double far = (r + static_cast<long double>(m) * extent) / xi,
                      near = static_cast<long double>(m) * extent / xi;
    sum += std::exp(-far * far);
    at_zero += std::exp(-near * near);
  }
  return static_cast<double>(sum / at_zero);
}

Field nearest_image(int extent, double xi) {
  return Field::NullaryExpr(extent, [=](Eigen::Index r) {
    const double distance =
        std::min<double>(static_cast<double>(r), extent - static_cast<double>(r));
    return std::exp(-distance * distance / (xi * xi));
  });
}

double smallest_mode(const Torus& torus, double xi) {
  return covariance_spectrum(torus, gaussian_correlation(torus, xi)).minCoeff();
}

std::string refusal(const Torus& torus, double xi, Wrapping wrapping) {
  try {
    gaussian_correlation(torus, xi, wrapping);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(periodised_correlation_is_the_sum_over_images) {
  for (int extent : {1, 7, 20, 100})
    for (double xi : {0.2, 0.5, 1.0, 4.0, 8.0, 50.0, 1000.0}) {
      const Field correlation = gaussian_correlation(Torus({extent}), xi);
      for (int r = 0; r < extent; ++r)
        BOOST_TEST(std::abs(correlation[r] - summed_images(r, extent, xi)) < rounding);
    }
}

BOOST_AUTO_TEST_CASE(correlation_is_one_at_no_displacement) {
  for (const std::vector<int>& shape : {std::vector<int>{7}, {100}, {4, 6}})
    for (double xi : {0.01, 0.5, 8.0, 1000.0})
      BOOST_TEST(gaussian_correlation(Torus(shape), xi)[0] == 1.0);
}

BOOST_AUTO_TEST_CASE(periodised_correlation_is_a_covariance_at_every_length) {
  for (const std::vector<int>& shape : {std::vector<int>{7}, {20}, {100}, {5, 6}, {20, 20}})
    for (double xi : {0.5, 1.0, 2.0, 4.0, 8.0, 20.0, 100.0, 1000.0}) {
      const Torus torus(shape);
      BOOST_TEST(smallest_mode(torus, xi) > -spectral_rounding * torus.sites());
    }
}

BOOST_AUTO_TEST_CASE(two_dimensional_correlation_is_the_product_of_its_axes) {
  const Torus torus({5, 8});
  for (double xi : {0.7, 3.0, 20.0}) {
    const Field correlation = gaussian_correlation(torus, xi),
                down = gaussian_correlation(Torus({5}), xi),
                right = gaussian_correlation(Torus({8}), xi);
    for (int a = 0; a < torus.sites(); ++a) {
      const auto [row, column] = torus.coordinates(a);
      BOOST_TEST(correlation[a] == down[row] * right[column]);
    }
  }
}

// exp(-(50/8)^2) = 1e-17 of the first image is left at half the ring.
BOOST_AUTO_TEST_CASE(wrappings_agree_on_a_long_ring) {
  const Torus ring({100});
  const Field nearest = gaussian_correlation(ring, 8.0, Wrapping::nearest);
  BOOST_TEST((nearest - gaussian_correlation(ring, 8.0)).cwiseAbs().maxCoeff() < 1e-15);
  BOOST_TEST((nearest - nearest_image(100, 8.0)).cwiseAbs().maxCoeff() < 1e-15);
}

BOOST_AUTO_TEST_CASE(nearest_wrapping_is_refused_on_a_short_ring) {
  const Torus ring({20});
  BOOST_TEST(refusal(ring, 4.0, Wrapping::nearest).find("1e-09") != std::string::npos);
  BOOST_TEST(refusal(Torus({20, 100}), 4.0, Wrapping::nearest) != "");
  BOOST_TEST(refusal(ring, 4.0, Wrapping::periodised) == "");
  // theory.md: 3e-4, to one digit.
  BOOST_TEST(std::abs(negative_spectral_mass(ring, nearest_image(20, 4.0)) - 3e-4) < 0.5e-4);
}

BOOST_AUTO_TEST_CASE(nearest_wrapping_is_accepted_up_to_a_negative_mass_of_1e_minus_9) {
  const Torus ring({40});
  for (double xi = 3.0; xi < 9.0; xi += 0.25) {
    const double mass = negative_spectral_mass(ring, nearest_image(40, xi));
    BOOST_TEST((refusal(ring, xi, Wrapping::nearest) == "") == (mass <= 1e-9), "xi " << xi);
  }
}

BOOST_AUTO_TEST_CASE(correlation_lengths_must_be_positive_and_finite) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const Torus ring({10});
  for (double xi : {0.0, -1.0, infinity, -infinity, std::numeric_limits<double>::quiet_NaN()})
    for (Wrapping wrapping : {Wrapping::periodised, Wrapping::nearest})
      BOOST_CHECK_THROW(gaussian_correlation(ring, xi, wrapping), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(spectrum_of_an_even_covariance_is_its_transform) {
  for (const std::vector<int>& shape : {std::vector<int>{7}, {8}, {4, 6}, {3, 5}}) {
    const Torus torus(shape);
    const Field field = test::random_values(torus.sites(), 1);
    const Field even = 0.5 * (field + reflected(torus, field));
    const Field spectrum = full_spectrum(torus, covariance_spectrum(torus, even));
    const Eigen::VectorXcd expected = test::direct_transform(torus, even);
    BOOST_TEST((spectrum - expected).cwiseAbs().maxCoeff() < spectral_rounding * torus.sites());
  }
}

// Modes +-1 hold 4 each and modes +-2 hold -1 each: 2 of 10 are negative.
BOOST_AUTO_TEST_CASE(negative_mass_is_a_share_of_the_whole_spectrum) {
  const Torus ring({8});
  const Field covariance = Field::NullaryExpr(8, [](Eigen::Index r) {
    const double angle = 0.25 * std::numbers::pi * static_cast<double>(r);
    return std::cos(angle) - 0.25 * std::cos(2.0 * angle);
  });
  BOOST_TEST(std::abs(negative_spectral_mass(ring, covariance) - 0.2) < rounding);
}

BOOST_AUTO_TEST_SUITE_END()
