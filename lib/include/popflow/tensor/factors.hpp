#pragma once

#include "popflow/lattice/eigen.hpp"

namespace popflow {

/// A symmetric CP form sum_r lambda_r x_r^(x4) of a fourth-order tensor over R^n (Eq. 27).
struct Factors {
  Eigen::VectorXd lambda;   ///< R signed weights
  Eigen::MatrixXd vectors;  ///< n x R, the x_r as columns

  Eigen::Index rank() const { return lambda.size(); }
  Eigen::Index dimension() const { return vectors.rows(); }
};

/// The same tensor with unit vectors. The entry of largest magnitude of every vector is positive,
/// and |lambda| falls. A vector of zeros gets lambda = 0. Throws std::invalid_argument unless there
/// is one vector for each weight.
Factors normalised(Factors factors);

/// Inner product <A, B> = sum_rs lambda_r mu_s (x_r . y_s)^4 of two tensors, where B has the
/// weights mu_s and the vectors y_s (Eq. 28).
double inner_product(const Factors& a, const Factors& b);

}  // namespace popflow
