#include "lattice/symmetric_eigen.hpp"

namespace popflow {

SymmetricEigen symmetric_eigen(const Eigen::MatrixXd& A, int wanted) {
  SymmetricEigen solver;
  solver.compute(A, wanted);
  return solver;
}

void symmetric_eigen(const Eigen::MatrixXd& A, SymmetricEigen& solver) { solver.compute(A); }

}  // namespace popflow
