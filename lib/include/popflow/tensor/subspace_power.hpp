#pragma once

#include <cstdint>
#include <functional>

#include "popflow/tensor/factors.hpp"
#include "popflow/tensor/symmetric_tensor.hpp"

namespace popflow {

/// The limits of the rank, and the search for each factor.
struct SubspacePowerOptions {
  int rank = 0;  ///< largest rank, from 1 to n (n + 1) / 2; 0: no limit
  /// The rank is at most the number of |eigenvalues| above this fraction of the largest.
  double threshold = 1e-8;
  int starts = 50;           ///< largest number of Gaussian starts per factor, >= 1
  double acceptance = 1e-6;  ///< no more starts once the objective exceeds 1 minus this
  int iterations = 5000;     ///< largest number per start, >= 1
  double tolerance = 1e-13;  ///< a start ends when a step is shorter than this
  std::uint64_t seed = 1;
  std::function<bool()> interrupted = {};  ///< asked before every iteration; true: stop
};

/// The factors, and how well the subspace determines them.
struct SubspacePowerFit {
  Factors factors;        ///< normalised()
  double relative_error;  ///< |T - sum_r lambda_r x_r^(x4)| / |T|, Frobenius
  /// |d_(R+1)| / |d_R| of the eigenvalues d: 0 if the rank is R, 1 if there is no gap.
  double spectral_ratio;
  double least_objective;  ///< smallest of all factors; 1 if all squares lie in the subspace
  int starts;              ///< number of starts of all factors; R if each first start was accepted
};

/// Symmetric CP decomposition with signed weights (Eq. 27) by the subspace power method (Kileel &
/// Pereira 2019). There are no poor minima in which the method could end. The flattening of a
/// tensor of rank R spans the squares x_r x_r^T of its factors. For generic factors with R <= n (n
/// - 1) / 2 the span contains no other squares, whatever the signs and angles. These factors are
/// recovered to about 1e-9. If R is within a tenth of this bound, convergence is slow, and
/// `iterations` may end it too early.
///
/// For other tensors the subspace is the span of the R leading eigenvectors, by magnitude of the
/// eigenvalue, and a factor is the best result of all starts. `spectral_ratio` and
/// `least_objective` show how good this approximation is. At the end the weights are refitted to
/// the whole tensor.
///
/// O(n^6) for the eigenvalues, O(n^2 R) per iteration. Throws std::invalid_argument for options out
/// of range, and for a tensor of zeros.
SubspacePowerFit subspace_power(const SymmetricTensor& tensor, const SubspacePowerOptions& options);

}  // namespace popflow
