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

/// The same tensor written with unit vectors, whose entry of largest magnitude is positive, in
/// order of falling |lambda|; a vector of zeros keeps lambda = 0. Throws std::invalid_argument when
/// `vectors` has not one column a weight.
Factors normalised(Factors factors);

/// Inner product <A, B> = sum_rs lambda_r mu_s (x_r . y_s)^4 of two tensors (Eq. 28).
double inner_product(const Factors& a, const Factors& b);

/// Largest distance between matched columns of two sets of unit vectors of the same rank, up to
/// sign and order: each column of `a` takes the nearest column of `b`. Infinite when two take the
/// same, or the shapes disagree.
double factor_distance(const Factors& a, const Factors& b);

}  // namespace popflow
