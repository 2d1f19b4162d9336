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
  std::uint64_t seed = 1;                         ///< of the random starts
  std::vector<Eigen::MatrixXd> more_starts = {};  ///< n x R each, tried as well
  int renewals = 6;                               ///< tried in a start, at most (see symmetric_cp)
  int iterations = 500;                           ///< of the best start, at most
  double tolerance = 1e-4;                        ///< of the squared error, see LeastSquaresOptions
  std::function<bool()> interrupted = {};  ///< asked before every step; true: the best so far
};

/// The best fit of all starts.
struct SymmetricCpFit {
  Factors factors;                   ///< normalised()
  double relative_error;             ///< |T - sum_r lambda_r x_r^(x4)| / |T|, Frobenius
  int iterations;                    ///< of the best start
  std::vector<double> start_errors;  ///< of each start tried, before the best was continued
};

/// Symmetric CP decomposition with signed weights (Eq. 27), by least squares over the whole tensor
/// (Eq. 28): Levenberg-Marquardt from several starts, the weights at their linear optimum after
/// every step. The steps solve the Gauss-Newton system (Eq. 29) by conjugate gradients at
/// O(n R^2) an iteration, and ask one contraction each of the form.
///
/// Many minima are poor only because two vectors share what one could do. Where a start has
/// settled, one of the vectors of least contribution is renewed, until that has failed three times
/// in a row: replaced by a Z-eigenvector (Eq. 30) of what remains of the tensor, if the cost is
/// lower after it has settled again. An exact fit ends the search.
///
/// `squared_norm` = |T|^2 is needed for the error and to know when to stop; errors below 1e-7 are
/// rounding. Unique factors (generic tensors of low rank) are recovered to about 1e-8. Throws
/// std::invalid_argument for options out of range, starts of another shape, or |T|^2 not positive.
SymmetricCpFit symmetric_cp(const QuarticAction& form, double squared_norm,
                            const SymmetricCpOptions& options);

template <QuarticForm Form>
SymmetricCpFit symmetric_cp(Form& form, double squared_norm, const SymmetricCpOptions& options) {
  return symmetric_cp(QuarticAction(form), squared_norm, options);
}

}  // namespace popflow
