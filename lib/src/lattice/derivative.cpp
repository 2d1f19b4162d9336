#include "popflow/lattice/derivative.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>

#include <fmt/core.h>

#include "lattice/wave_number.hpp"

namespace popflow {

namespace {

// Every stored mode times factor(k, at_the_edge).
template <class Factor>
Field filtered(const FourierTransform& fourier, const Field& field, int axis,
               const Factor& factor) {
  Spectrum spectrum = fourier.forward(field);
  for (int mode = 0; mode < spectrum.size(); ++mode) {
    const WaveNumber q = wave_number(fourier.torus(), mode, axis);
    spectrum[mode] *= factor(q.k, q.at_the_edge);
  }
  return fourier.backward(spectrum);
}

}  // namespace

WaveNumber wave_number(const Torus& torus, int mode, int axis) {
  if (axis < 0 || axis >= torus.dimensions())
    throw std::invalid_argument(
        fmt::format("axis {}: the lattice has axes 0 to {}", axis, torus.dimensions() - 1));
  const int width = torus.columns() / 2 + 1, extent = torus.shape()[axis];
  const bool along_columns = axis == torus.dimensions() - 1;
  const int q = along_columns ? mode % width : mode / width;
  const int wave = 2 * q <= extent ? q : q - extent;
  return {2.0 * std::numbers::pi * wave / extent, 2 * q == extent};
}

std::complex<double> derivative_factor(double k, bool at_the_edge) {
  return {0.0, at_the_edge ? 0.0 : k};
}

std::complex<double> displacement_factor(double k, bool at_the_edge, double sites) {
  return at_the_edge ? std::complex<double>(std::cos(k * sites)) : std::polar(1.0, -k * sites);
}

Field lattice_derivative(const FourierTransform& fourier, const Field& field, int axis) {
  return filtered(fourier, field, axis, derivative_factor);
}

Field displaced(const FourierTransform& fourier, const Field& field, int axis, double sites) {
  return filtered(fourier, field, axis, [sites](double k, bool at_the_edge) {
    return displacement_factor(k, at_the_edge, sites);
  });
}

}  // namespace popflow
