#pragma once

#include <complex>

#include "popflow/lattice/torus.hpp"

namespace popflow {

/// Wave number of a stored mode along an axis, in radians a site: 2 pi q / L, pi of the mode L/2.
struct WaveNumber {
  double k;
  bool at_the_edge;  ///< of the zone: q = L/2, which is its own opposite
};

/// Throws std::invalid_argument for an axis that the lattice does not have.
WaveNumber wave_number(const Torus& torus, int mode, int axis);

/// The factor of a mode in the derivative of a field, and in the field moved by some sites.
std::complex<double> derivative_factor(double k, bool at_the_edge);
std::complex<double> displacement_factor(double k, bool at_the_edge, double sites);

}  // namespace popflow
