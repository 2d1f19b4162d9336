#include "popflow/tensor/signed_weights.hpp"

#include <Eigen/Cholesky>

namespace popflow {

SignedWeights optimal_weights(Eigen::MatrixXd quartic, const Eigen::VectorXd& overlap) {
  quartic.diagonal() *= 1.0 + 1e-12;
  const Eigen::VectorXd lambda = quartic.ldlt().solve(overlap);
  const Eigen::VectorXd signs =
      (lambda.array() < 0.0).select(-1.0, Eigen::VectorXd::Ones(lambda.size()));
  // With weight zero a vector would never move again, so every weight stays above a small bound.
  const double least = 1e-8 * lambda.cwiseAbs().maxCoeff();
  return {signs, lambda.array().abs().max(least).pow(0.25)};
}

}  // namespace popflow
