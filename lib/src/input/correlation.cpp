#include "popflow/input/correlation.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/core.h>

#include "popflow/lattice/half_spectrum.hpp"

#include "input/check_number.hpp"

namespace popflow {

namespace {

// exp(-40) = 4e-18 of the nearest image's value is lost in rounding.
constexpr double negligible_exponent = 40.0;

// sum_m exp(-(r + m L)^2 / xi^2), without normalisation (Eq. 3).
double periodised_gaussian(int r, int extent, double xi) {
  const double reach = xi * std::sqrt(negligible_exponent);
  const int images = static_cast<int>(std::ceil(reach / extent)) + 1;
  double sum = 0.0;
  for (int m = -images; m <= images; ++m) {
    const double distance = (r + static_cast<double>(m) * extent) / xi;
    sum += std::exp(-distance * distance);
  }
  return sum;
}

double nearest_gaussian(int r, int extent, double xi) {
  const double distance = std::min(r, extent - r) / xi;
  return std::exp(-distance * distance);
}

Field axis_correlation(int extent, double xi, Wrapping wrapping) {
  // The deviation from a constant, exp(-(pi xi / L)^2), is then below rounding, and the images
  // many.
  if (wrapping == Wrapping::periodised && xi > 100.0 * extent) return Field::Ones(extent);
  Field correlation(extent);
  for (int r = 0; r < extent; ++r)
    correlation[r] = wrapping == Wrapping::periodised ? periodised_gaussian(r, extent, xi)
                                                      : nearest_gaussian(r, extent, xi);
  // Rounding must not push a correlation above 1, where the arcsine law ends.
  return (correlation / correlation[0]).cwiseMin(1.0);
}

}  // namespace

Field gaussian_correlation(const Torus& torus, double correlation_length, Wrapping wrapping) {
  check_positive("correlation length", correlation_length);
  const Field down = axis_correlation(torus.rows(), correlation_length, wrapping);
  const Field right = axis_correlation(torus.columns(), correlation_length, wrapping);
  Field correlation(torus.sites());
  for (int a = 0; a < torus.sites(); ++a) {
    const auto [row, column] = torus.coordinates(a);
    correlation[a] = down[row] * right[column];
  }
  if (wrapping == Wrapping::nearest) {
    const double mass = negative_spectral_mass(torus, correlation);
    if (mass > largest_negative_mass)
      throw std::invalid_argument(fmt::format(
          "correlation length {}: too long for nearest wrapping on this lattice (negative spectral "
          "mass {:.1e}, allowed {:g}); use a shorter one or periodised wrapping",
          correlation_length, mass, largest_negative_mass));
  }
  return correlation;
}

Field covariance_spectrum(const Torus& torus, const Field& covariance) {
  Spectrum spectrum = FourierTransform(torus).forward(covariance);
  make_hermitian(torus, spectrum);
  return spectrum.real();
}

double negative_spectral_mass(const Torus& torus, const Field& covariance) {
  const Field spectrum = covariance_spectrum(torus, covariance);
  const Field multiplicity = mode_multiplicity(torus);
  return multiplicity.dot((-spectrum).cwiseMax(0.0)) / multiplicity.dot(spectrum.cwiseAbs());
}

}  // namespace popflow
