#pragma once

#include "popflow/lattice/eigen.hpp"

namespace popflow {

/// The weights lambda_r of a CP form at their linear optimum, as signs and as factors
/// |lambda_r|^(1/4). A vector x_r times its factor carries the magnitude of its weight.
///
/// `quartic`(r, s) = <x_r^(x4), x_s^(x4)> and `overlap`(r) = <T, x_r^(x4)>. The optimum solves
/// quartic lambda = overlap (Eq. 28). Vectors may coincide: a ridge of 1e-12 keeps their weights
/// finite.
struct SignedWeights {
  Eigen::VectorXd signs;
  Eigen::VectorXd scale;
};
SignedWeights optimal_weights(Eigen::MatrixXd quartic, const Eigen::VectorXd& overlap);

}  // namespace popflow
