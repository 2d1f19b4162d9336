#pragma once

#include <optional>

#include <Eigen/Core>

#include "popflow/lattice/symmetry.hpp"
#include "popflow/lattice/torus.hpp"

namespace popflow {

/// The symmetry that a fit requires of its templates. With no value there is no requirement.
/// Otherwise inversion and the given symmetries leave every template unchanged, which divides the
/// number of unknowns by up to eight.
using TemplateSymmetry = std::optional<LatticeSymmetry>;

/// Orthonormal fields, N x P, that span the templates of this symmetry with wave numbers |q| <=
/// band along every axis. Without symmetry the fields are cos(2 pi q.j / L) and sin(2 pi q.j / L),
/// side by side. With symmetry they are sums of the cosines that the symmetry exchanges. Throws
/// std::invalid_argument for a negative band, and for a symmetry that the lattice cannot have.
Eigen::MatrixXd wave_basis(const Torus& torus, int band, const TemplateSymmetry& symmetry);

/// Orthonormal fields, N x P, that span the templates of this symmetry that vanish farther than
/// `radius` sites (along any axis) from site 0. The fields are single sites, or sums of the sites
/// that the symmetry exchanges. Throws like fourier_basis.
Eigen::MatrixXd window_basis(const Torus& torus, int radius, const TemplateSymmetry& symmetry);

}  // namespace popflow
