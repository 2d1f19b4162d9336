#pragma once

#include <Eigen/Core>

namespace popflow {

/// The Gauss-Newton system of a symmetric CP form sum_r s_r x_r^(x4), s_r = +-1, in the vectors
/// x_r, columns of X, n x R (Eq. 29). Both sides are divided by
/// eight: the gradient is an eighth of that of the squared error.
class SymmetricGaussNewton {
 public:
  void linearise(const Eigen::VectorXd& signs, const Eigen::MatrixXd& X);

  /// For the distance from a tensor T; column r of `image` is T[x_r, x_r, x_r, .].
  Eigen::MatrixXd gradient(const Eigen::MatrixXd& image) const;

  /// -(H + mu)^-1 gradient by conjugate gradients, O(n R^2) an iteration; mu = `damping` >= 0 times
  /// the largest |x_r|^6. They end where the squared residual has fallen by `reduction`.
  Eigen::MatrixXd step(const Eigen::MatrixXd& gradient, double damping, double reduction) const;

 private:
  Eigen::MatrixXd apply(const Eigen::MatrixXd& P, double mu) const;
  Eigen::MatrixXd precondition(const Eigen::MatrixXd& V, double mu) const;

  Eigen::VectorXd signs_, norms_;
  Eigen::MatrixXd factors_, cubes_, squares_;
};

}  // namespace popflow
