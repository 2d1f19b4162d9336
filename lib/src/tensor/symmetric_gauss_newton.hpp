#pragma once

#include <Eigen/Core>

namespace popflow {

/// The Gauss-Newton system (Eq. 29) of a symmetric CP form sum_r s_r x_r^(x4), s_r = +-1. The
/// unknowns are the vectors x_r, the columns of X, n x R. Both sides are divided by eight: the
/// gradient is an eighth of the gradient of the squared error.
class SymmetricGaussNewton {
 public:
  void linearise(const Eigen::VectorXd& signs, const Eigen::MatrixXd& X);

  /// The gradient of the squared distance from a tensor T; column r of `image` is T[x_r, x_r, x_r,
  /// .].
  Eigen::MatrixXd gradient(const Eigen::MatrixXd& image) const;

  /// -(H + mu)^-1 gradient by conjugate gradients, O(n R^2) per iteration, with mu = `damping` >= 0
  /// times the largest |x_r|^6. The iteration ends when the squared residual has fallen by the
  /// factor `reduction`.
  Eigen::MatrixXd step(const Eigen::MatrixXd& gradient, double damping, double reduction) const;

 private:
  Eigen::MatrixXd apply(const Eigen::MatrixXd& P, double mu) const;
  Eigen::MatrixXd precondition(const Eigen::MatrixXd& V, double mu) const;

  Eigen::VectorXd signs_, norms_;
  Eigen::MatrixXd factors_, cubes_, squares_;
};

}  // namespace popflow
