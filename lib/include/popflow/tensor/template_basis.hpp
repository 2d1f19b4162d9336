#pragma once

#include <optional>

#include <Eigen/Core>

#include "popflow/lattice/symmetry.hpp"
#include "popflow/lattice/torus.hpp"

namespace popflow {

/// The symmetry that a fit asks of its templates: none, or that inversion and the symmetries named
/// leave each of them as it is, which divides the number of unknowns by up to eight.
using TemplateSymmetry = std::optional<LatticeSymmetry>;

/// Orthonormal fields that span the templates of this symmetry with wave numbers |q| <= band along
/// every axis, N x P: cos(2 pi q.j / L) and sin(2 pi q.j / L) side by side, or sums of the cosines
/// that the symmetry exchanges. Throws std::invalid_argument for a negative band, or a symmetry
/// that the lattice cannot have.
Eigen::MatrixXd fourier_basis(const Torus& torus, int band, const TemplateSymmetry& symmetry);

/// Orthonormal fields that span the templates of this symmetry that vanish further than `radius`
/// sites (along any axis) from site 0, N x P: single sites, or sums of those that the symmetry
/// exchanges. Throws likewise.
Eigen::MatrixXd window_basis(const Torus& torus, int radius, const TemplateSymmetry& symmetry);

}  // namespace popflow
