#pragma once

#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include "popflow/moments/four_point.hpp"

namespace popflow::test {

/// The 4 x 4 correlation matrix.
inline Eigen::Matrix4d matrix(const FourCorrelations& c) {
  Eigen::Matrix4d m;
  m << 1, c.c12, c.c13, c.c14,  //
      c.c12, 1, c.c23, c.c24,   //
      c.c13, c.c23, 1, c.c34,   //
      c.c14, c.c24, c.c34, 1;
  return m;
}

/// The correlations that a 4 x 4 matrix holds.
inline FourCorrelations correlations(const Eigen::Matrix4d& m) {
  return {m(0, 1), m(0, 2), m(0, 3), m(1, 2), m(1, 3), m(2, 3)};
}

/// A square root A of a covariance, A A^T, by eigen-decomposition: the covariance may be singular.
inline Eigen::MatrixXd square_root(const Eigen::MatrixXd& covariance) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);
  return solver.eigenvectors() * solver.eigenvalues().cwiseMax(0.0).cwiseSqrt().asDiagonal();
}

}  // namespace popflow::test
