#include "popflow/tensor/signed_weights.hpp"

#include <Eigen/Cholesky>

namespace popflow {

SignedWeights optimal_weights(Eigen::MatrixXd quartic, const Eigen::VectorXd& overlap) {
  quartic.diagonal().array() += 1e-12 * quartic.diagonal().maxCoeff();
  const Eigen::VectorXd lambda = quartic.ldlt().solve(overlap);
  const Eigen::VectorXd signs =
      (lambda.array() < 0.0).select(-1.0, Eigen::VectorXd::Ones(lambda.size()));
  // A vector of weight zero would never move again: it keeps a little.
  return {signs, lambda.array().abs().max(1e-8).pow(0.25)};
}

}  // namespace popflow
