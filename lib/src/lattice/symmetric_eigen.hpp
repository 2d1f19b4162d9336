#pragma once

// Eigen's solver for symmetric matrices, compiled once for the library: it takes seconds.

#include <Eigen/Eigenvalues>

#include "popflow/lattice/eigen.hpp"

namespace popflow {

using SymmetricEigen = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>;

// The eigenvalues of a symmetric n x n matrix, in rising order, and its eigenvectors (or not: with
// Eigen::EigenvaluesOnly).
SymmetricEigen symmetric_eigen(const Eigen::MatrixXd& A, int wanted = Eigen::ComputeEigenvectors);

// The same, in a solver that exists: without an allocation, if its last matrix was as large.
void symmetric_eigen(const Eigen::MatrixXd& A, SymmetricEigen& solver);

}  // namespace popflow
