#include "popflow/lattice/derivative.hpp"

#include <cmath>
#include <complex>
#include <numbers>
#include <stdexcept>

#include <fmt/core.h>

namespace popflow {

namespace {

// Every stored mode times factor(k), where k is its wave number along the axis in radians a site:
// 2 pi q / L, pi of the mode L/2.
template <class Factor>
Field filtered(FourierTransform& fourier, const Field& field, int axis, const Factor& factor) {
  const Torus& torus = fourier.torus();
  if (axis < 0 || axis >= torus.dimensions())
    throw std::invalid_argument(
        fmt::format("axis {}: the lattice has axes 0 to {}", axis, torus.dimensions() - 1));
  Spectrum spectrum = fourier.forward(field);
  const int width = torus.columns() / 2 + 1, extent = torus.shape()[axis];
  const bool along_columns = axis == torus.dimensions() - 1;
  for (int mode = 0; mode < spectrum.size(); ++mode) {
    const int q = along_columns ? mode % width : mode / width;
    const int wave = 2 * q <= extent ? q : q - extent;
    spectrum[mode] *= factor(2.0 * std::numbers::pi * wave / extent, 2 * q == extent);
  }
  return fourier.backward(spectrum);
}

}  // namespace

Field lattice_derivative(FourierTransform& fourier, const Field& field, int axis) {
  return filtered(fourier, field, axis, [](double k, bool at_the_edge) {
    return std::complex<double>(0.0, at_the_edge ? 0.0 : k);
  });
}

Field displaced(FourierTransform& fourier, const Field& field, int axis, double sites) {
  return filtered(fourier, field, axis, [sites](double k, bool at_the_edge) {
    return at_the_edge ? std::complex<double>(std::cos(k * sites)) : std::polar(1.0, -k * sites);
  });
}

}  // namespace popflow
