#pragma once

#include <cstdint>
#include <functional>

#include "popflow/tensor/factors.hpp"
#include "popflow/tensor/symmetric_tensor.hpp"

namespace popflow {

/// The rank, or how it is counted, and the search for each factor.
struct SubspacePowerOptions {
  int rank = 0;             ///< R from 1 to n (n + 1) / 2, or 0 to count eigenvalues by `threshold`
  double threshold = 1e-8;  ///< rank 0: those above this fraction of the largest |eigenvalue|
  int starts = 50;          ///< Gaussian starts for a factor at most, >= 1
  double acceptance = 1e-6;  ///< a start is the last if it reaches an objective above 1 minus this
  int iterations = 5000;     ///< of a start, at most
  double tolerance = 1e-13;  ///< a start ends where it moves by less than this
  std::uint64_t seed = 1;
  std::function<bool()> interrupted = {};  ///< asked before every iteration; true stops there
};

/// The factors, and how well the subspace determines them.
struct SubspacePowerFit {
  Factors factors;        ///< normalised()
  double relative_error;  ///< |T - sum_r lambda_r x_r^(x4)| / |T|, Frobenius
  double
      spectral_ratio;  ///< |d_(R+1)| / |d_R| of the eigenvalues: 0 if the rank is R, 1 for no gap
  double least_objective;  ///< over the factors: 1 if all squares lie in the subspace
  int starts;              ///< taken in all: the rank, if none was spurious
};

/// Symmetric CP decomposition with signed weights (Eq. 27) by the subspace power method (Kileel &
/// Pereira 2019), which has no poor minima to settle in. The flattening of a tensor of rank R spans
/// the squares x_r x_r^T of its factors, and for generic factors, R <= n (n - 1) / 2, these are the
/// only squares in the span, whatever the signs and angles. Such factors are recovered to about
/// 1e-9; within a tenth of that bound convergence is slow, and `iterations` may cut it short.
///
/// Of other tensors the span is that of the R leading eigenvalues, by magnitude, and a factor the
/// best of all starts: `spectral_ratio` and `least_objective` tell what that is worth. Weights are
/// refitted to the whole tensor at the end.
///
/// O(n^6) for the eigenvalues, O(n^2 R) an iteration. Throws std::invalid_argument for options out
/// of range, or a tensor of zeros.
SubspacePowerFit subspace_power(const SymmetricTensor& tensor, const SubspacePowerOptions& options);

}  // namespace popflow
