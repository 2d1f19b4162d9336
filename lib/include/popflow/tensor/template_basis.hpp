#pragma once

#include <Eigen/Core>

#include "popflow/lattice/torus.hpp"

namespace popflow {

/// Which templates a fit may use.
enum class TemplateSymmetry {
  none,    ///< all
  lattice  ///< those that every reflection of an axis and, on a square torus, the exchange of the
           ///< axes leave as they are: about 1/2 (ring), 1/4, or 1/8 of the unknowns
};

/// Orthonormal fields that span the allowed templates with all wave numbers |q| <= band: the real
/// Fourier modes cos(2 pi q.j / L) and sin(2 pi q.j / L), or their symmetric combinations. N x P.
/// Throws std::invalid_argument for a negative band.
Eigen::MatrixXd template_basis(const Torus& torus, int band, TemplateSymmetry symmetry);

}  // namespace popflow
