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

/// How many Gauss-Legendre nodes on [0, upper] integrate to relative accuracy `tolerance`, within a
/// factor of two, a function whose nearest singularity lies on the real axis at distance `gap` > 0
/// beyond `upper` (Eq. 11): the error falls as rho^(-2n), rho the sum of the half-axes of the
/// Bernstein ellipse through it.
int gauss_legendre_nodes(double upper, double gap, double tolerance);

}  // namespace popflow
