#pragma once

#include <cstdint>
#include <vector>

#include "popflow/tensor/factors.hpp"
#include "popflow/tensor/quartic_form.hpp"

namespace popflow {

struct SymmetricCpOptions {
  int rank = 1;                                   ///< R >= 1
  int starts = 4;                                 ///< random starts, >= 0
  std::uint64_t seed = 1;                         ///< of the random starts
  std::vector<Eigen::MatrixXd> more_starts = {};  ///< n x R each, tried as well
  int iterations = 500;                           ///< of the best start, at most
  double tolerance = 1e-6;                        ///< of the squared error, see LeastSquaresOptions
};

struct SymmetricCpFit {
  Factors factors;                   ///< normalised()
  double relative_error;             ///< |T - sum_r lambda_r x_r^(x4)| / |T|, Frobenius
  int iterations;                    ///< of the best start
  std::vector<double> start_errors;  ///< where each start stood before the best was continued
};

/// Symmetric CP decomposition with signed weights (Eq. 27), by least squares over the whole tensor
/// (Eq. 28): Levenberg-Marquardt from several starts, the weights at their linear optimum after
/// every step. The steps solve the Gauss-Newton system (Eq. 29) by conjugate gradients at
/// O(n R^2) an iteration, and ask one contraction each of the form.
///
/// `squared_norm` = |T|^2 is needed for the error and to know when to stop. Unique factors
/// (generic tensors of low rank) are recovered to about 1e-7. Throws std::invalid_argument for
/// options out of range or starts of another shape.
SymmetricCpFit symmetric_cp(const QuarticAction& form, double squared_norm,
                            const SymmetricCpOptions& options);

template <QuarticForm Form>
SymmetricCpFit symmetric_cp(Form& form, double squared_norm, const SymmetricCpOptions& options) {
  return symmetric_cp(QuarticAction(form), squared_norm, options);
}

}  // namespace popflow
