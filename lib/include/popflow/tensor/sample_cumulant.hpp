#pragma once

#include <vector>

#include "popflow/lattice/eigen.hpp"

namespace popflow {

/// An unbiased estimate of the fourth cumulant of a law of mean zero, from P samples (Eq. 37),
///
///     kappa = (P + 2) / (P - 1) M4 - P / (P - 1) (C (x) C, three pairings)
///
/// with M4 = mean x^(x4) and C = mean x x^T over the samples. A QuarticForm over R^N; the tensor is
/// never formed. The mean is known to be zero and is not subtracted. The memory is that of the
/// samples plus P x R doubles for R columns.
class SampleCumulant {
 public:
  /// `samples` is N x P, one sample per column. Throws std::invalid_argument unless P >= 2.
  explicit SampleCumulant(Eigen::MatrixXd samples);

  Eigen::Index dimension() const { return samples_.rows(); }
  Eigen::Index size() const { return samples_.cols(); }

  /// The samples, N x P. They may be overwritten with other samples.
  Eigen::Ref<Eigen::MatrixXd> samples() { return samples_; }

  /// Column r of `out` is kappa[x_r, x_r, x_r, .]; X and out are N x R. Two matrix products, O(P N
  /// R). Threads share blocks of samples; the bits do not depend on the number of threads. For N up
  /// to 16384, nothing is allocated after the first call with a given number of columns.
  void contract(const Eigen::MatrixXd& X, Eigen::MatrixXd& out);

  /// |kappa|^2 over all N^4 entries of the estimate, including its noise (Eq. 38). On average it
  /// exceeds the |kappa|^2 of the law. O(P^2 N) or O(P N^4), whichever is less, with at most as
  /// much additional memory as the samples take.
  double squared_norm() const;

 private:
  Eigen::MatrixXd samples_;
  // Scratch memory: x_p . x_r, P x R; their sums of squares per group of samples, and mean squares;
  // weighted sums of the samples of each group.
  Eigen::MatrixXd projections_, square_sums_;
  Eigen::VectorXd mean_squares_;
  std::vector<Eigen::MatrixXd> sums_;
};

/// The fourth cumulants kappa[x_r, x_r, x_r, x_r] of the projections x_r . x, with standard errors.
struct ProjectedCumulants {
  Eigen::VectorXd value;
  Eigen::VectorXd standard_error;
};

/// Unbiased estimates from `samples`, N x P, along the columns of X, N x R. X must not have been
/// fitted to the same samples. The standard errors are of leading order in 1/P (Eq. 39). Throws
/// std::invalid_argument unless P >= 2 and both matrices have N rows.
ProjectedCumulants projected_cumulants(const Eigen::MatrixXd& samples, const Eigen::MatrixXd& X);

}  // namespace popflow
