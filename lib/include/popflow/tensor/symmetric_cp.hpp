#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "popflow/tensor/factors.hpp"
#include "popflow/tensor/quartic_form.hpp"

namespace popflow {

/// The rank, the starts, and when the fit ends.
struct SymmetricCpOptions {
  int rank = 1;                                   ///< R >= 1
  int starts = 3;                                 ///< random starts, >= 0
  std::uint64_t seed = 1;                         ///< seed of the random starts
  std::vector<Eigen::MatrixXd> more_starts = {};  ///< additional starts, n x R each
  int renewals = 6;                               ///< largest number per start (see symmetric_cp)
  int iterations = 500;                           ///< largest number for the best start
  double tolerance = 1e-4;  ///< ends after 3 steps that each lower the squared error by less
  std::function<bool()> interrupted = {};  ///< asked before every step; true: the best so far
};

/// The best fit of all starts.
struct SymmetricCpFit {
  Factors factors;                   ///< normalised()
  double relative_error;             ///< |T - sum_r lambda_r x_r^(x4)| / |T|, Frobenius
  int iterations;                    ///< number for the best start
  std::vector<double> start_errors;  ///< error after each start, before the best is continued
};

/// Symmetric CP decomposition with signed weights (Eq. 27), by least squares over the whole tensor
/// (Eq. 28). Levenberg-Marquardt runs from several starts; after every step the weights are set to
/// their linear optimum. Conjugate gradients solve the Gauss-Newton system (Eq. 29) of each step,
/// at O(n R^2) per iteration. A step needs one contraction of the form.
///
/// Many minima are poor only because two vectors share the work of one. When a start has converged,
/// one of the vectors with the smallest contributions is renewed. It is replaced by a Z-eigenvector
/// (Eq. 30) of the remainder of the tensor, and the new vectors are kept if their cost after
/// convergence is lower. Renewal ends when it has failed three times in a row. An exact fit ends
/// the search.
///
/// `squared_norm` = |T|^2 is needed for the error and for the decision when to stop. Errors below
/// 1e-7 are rounding. Unique factors (generic tensors of low rank) are recovered to about 1e-8.
/// Throws std::invalid_argument for options out of range, for starts of another shape, and unless
/// |T|^2 is positive.
SymmetricCpFit symmetric_cp(const QuarticAction& form, double squared_norm,
                            const SymmetricCpOptions& options);

}  // namespace popflow
