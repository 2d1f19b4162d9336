#include "popflow/lattice/derivative.hpp"

#include <complex>
#include <numbers>
#include <stdexcept>

#include <fmt/core.h>

namespace popflow {

Field lattice_derivative(FourierTransform& fourier, const Field& field, int axis) {
  const Torus& torus = fourier.torus();
  if (axis < 0 || axis >= torus.dimensions())
    throw std::invalid_argument(
        fmt::format("axis {}: the lattice has axes 0 to {}", axis, torus.dimensions() - 1));
  Spectrum spectrum = fourier.forward(field);
  const int width = torus.columns() / 2 + 1, extent = torus.shape()[axis];
  const bool along_columns = axis == torus.dimensions() - 1;
  for (int mode = 0; mode < spectrum.size(); ++mode) {
    const int q = along_columns ? mode % width : mode / width;
    const int wave = 2 * q == extent ? 0 : (2 * q < extent ? q : q - extent);
    spectrum[mode] *= std::complex<double>(0.0, 2.0 * std::numbers::pi * wave / extent);
  }
  return fourier.backward(spectrum);
}

}  // namespace popflow
