#pragma once

#include <vector>

#include "popflow/lattice/eigen.hpp"

namespace popflow {

/// The fourth cumulant of a law of mean zero, estimated from P samples without bias (Eq. 37),
///
///     kappa = (P + 2) / (P - 1) M4 - P / (P - 1) (C (x) C, three pairings)
///
/// with M4 = mean x^(x4) and C = mean x x^T over the samples: a QuarticForm over R^N that is never
/// formed. The mean is known to be zero and is not subtracted. Memory is that of the samples and
/// P x R doubles for R columns.
class SampleCumulant {
 public:
  /// `samples` is N x P, one sample a column. Throws std::invalid_argument unless P >= 2.
  explicit SampleCumulant(Eigen::MatrixXd samples);

  Eigen::Index dimension() const { return samples_.rows(); }
  Eigen::Index size() const { return samples_.cols(); }

  /// The samples, N x P; others may be put in their place.
  Eigen::Ref<Eigen::MatrixXd> samples() { return samples_; }

  /// Column r of `out` is kappa[x_r, x_r, x_r, .]; both are N x R. Two matrix products, O(P N R).
  /// Blocks of samples share out the threads, with the same bits on any number of them; nothing is
  /// allocated after the first call with so many columns, for N up to 16384.
  void contract(const Eigen::MatrixXd& X, Eigen::MatrixXd& out);

  /// |kappa|^2 over all N^4 entries of the estimate, noise and all (Eq. 38): it exceeds that of the
  /// law on average. O(P^2 N) or O(P N^4), whichever is less; memory at most that of the samples.
  double squared_norm() const;

 private:
  void project(const Eigen::MatrixXd& X);
  void weigh_and_sum(Eigen::Index columns);

  Eigen::MatrixXd samples_;
  // Scratch: x_p . x_r, P x R; their mean squares; sums over a group of samples.
  Eigen::MatrixXd projections_, square_sums_;
  Eigen::VectorXd mean_squares_;
  std::vector<Eigen::MatrixXd> sums_;
};

/// The fourth cumulants kappa[x_r, x_r, x_r, x_r] of the projections x_r . x, with standard errors.
struct ProjectedCumulants {
  Eigen::VectorXd value;
  Eigen::VectorXd standard_error;
};

/// Unbiased estimates from `samples`, N x P, along the columns of X, N x R, which must not have
/// been fitted to the same samples; the standard errors are of leading order in 1/P (Eq. 39).
/// Throws std::invalid_argument unless P >= 2 and both have N rows.
ProjectedCumulants projected_cumulants(const Eigen::MatrixXd& samples, const Eigen::MatrixXd& X);

}  // namespace popflow
