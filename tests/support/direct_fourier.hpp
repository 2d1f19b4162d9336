#pragma once

#include <cmath>
#include <complex>
#include <numbers>

#include <Eigen/Core>

#include "popflow/lattice/torus.hpp"

namespace popflow::test {

/// exp(-2 pi i q . j / L). The phase is reduced modulo one turn in integers, so that it is right to
/// rounding on every lattice.
inline std::complex<double> plane_wave(const Torus& torus, int q, int j) {
  const auto [q_row, q_column] = torus.coordinates(q);
  const auto [row, column] = torus.coordinates(j);
  const double turns = static_cast<double>(q_row * row % torus.rows()) / torus.rows() +
                       static_cast<double>(q_column * column % torus.columns()) / torus.columns();
  return std::polar(1.0, -2.0 * std::numbers::pi * turns);
}

/// f^(q) = sum_j f_j exp(-2 pi i q . j / L) for all N modes, term by term.
inline Eigen::VectorXcd direct_transform(const Torus& torus, const Field& field) {
  Eigen::VectorXcd modes = Eigen::VectorXcd::Zero(torus.sites());
  for (int q = 0; q < torus.sites(); ++q)
    for (int j = 0; j < torus.sites(); ++j) modes[q] += field[j] * plane_wave(torus, q, j);
  return modes;
}

}  // namespace popflow::test
