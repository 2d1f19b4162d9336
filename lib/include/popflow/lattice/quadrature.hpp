#pragma once

#include "popflow/lattice/eigen.hpp"

namespace popflow {

/// Nodes and weights of a quadrature rule: integral f ~ sum_m weights(m) f(nodes(m)).
struct QuadratureRule {
  Eigen::VectorXd nodes;
  Eigen::VectorXd weights;
};

/// Gauss-Legendre rule of n >= 1 nodes on [lower, upper]; exact for polynomials of degree 2n - 1.
/// Throws std::invalid_argument for n < 1.
QuadratureRule gauss_legendre(int n, double lower = -1.0, double upper = 1.0);

/// The number of Gauss-Legendre nodes on [0, upper] for the relative accuracy `tolerance`, within a
/// factor of two. The nearest singularity of the function lies on the real axis, at the distance
/// `gap` > 0 beyond `upper` (Eq. 11). The error falls as rho^(-2n), where rho is the sum of the
/// half-axes of the Bernstein ellipse through the singularity.
int gauss_legendre_nodes(double upper, double gap, double tolerance);

}  // namespace popflow
