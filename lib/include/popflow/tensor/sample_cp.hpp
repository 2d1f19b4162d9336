#pragma once

#include <cstdint>
#include <functional>

#include "popflow/input/input.hpp"
#include "popflow/tensor/sample_cumulant.hpp"
#include "popflow/tensor/symmetric_cp.hpp"

namespace popflow {

/// Writes the samples number first, first + 1, ... of a law of mean zero into the columns of
/// `samples`, N x P. A sample depends only on its number, not on the other samples of the call.
using SampleSource = std::function<void(std::uint64_t first, Eigen::Ref<Eigen::MatrixXd> samples)>;

/// The samples of an input. Sample n is drawn from RandomStream(seed, Purpose::decomposition, n,
/// run) with the largest possible `run`; the random starts of fits use small run numbers. Threads
/// share the work.
SampleSource fresh_samples(const Input& input, std::uint64_t seed);

/// symmetric_cp of the fourth cumulant of a fixed set of samples, N x P, one per column. A step
/// costs O(P N R). The error is relative to the norm of the estimated tensor, which includes noise:
/// the squared norm of the noise is ~ N^4 / P, and no form of low rank explains it. For more than
/// 8192 samples the norm is replaced by an upper bound from the first 8192. See
/// SampleCumulant::squared_norm. Throws like symmetric_cp, and unless P >= 2.
SymmetricCpFit symmetric_cp_from_samples(Eigen::MatrixXd samples,
                                         const SymmetricCpOptions& options);

/// How the stochastic approximation starts, and how far it goes.
struct FreshSampleCpOptions {
  /// Options of the fit to the first samples, from which the scheme starts: rank, starts and so on.
  /// Its `interrupted` is also asked before every later step.
  SymmetricCpOptions start = {};
  Eigen::Index first = 8192;  ///< number of samples of this fit, >= batch
  Eigen::Index batch = 1024;  ///< number of samples per step, >= 2
  int steps = 100;            ///< >= 0
  double damping = 1e-6;      ///< damping of the Gauss-Newton steps (Eq. 42), >= 0
};

/// The state of the scheme after a number of samples.
struct FreshSampleCpState {
  std::uint64_t samples;   ///< number drawn so far
  const Factors& factors;  ///< normalised()
  /// Unbiased estimate of |kappa|^2 - |kappa - sum_r lambda_r x_r^(x4)|^2 for the factors *before*
  /// the last batch. It comes from this batch, which had no influence on these factors. NaN before
  /// the first step.
  double explained;
};

/// The factors found from a stream of samples.
struct FreshSampleCpFit {
  Factors factors;        ///< normalised()
  std::uint64_t samples;  ///< number drawn
};

/// Symmetric CP of the fourth cumulant of a law, from samples that are drawn, used once and
/// discarded. The method is stochastic approximation with Gauss-Newton steps (Eq. 42). The error of
/// the factors after k batches is about the error of a fit to all samples so far, but the memory is
/// only O(N (R + batch)).
///
/// The signs of the weights stay as in the first fit. The first fit therefore needs enough samples
/// to determine the signs; projected_cumulants gives the standard errors. `observe` is called after
/// the first fit and after every step. Throws std::invalid_argument for options out of range.
FreshSampleCpFit symmetric_cp_from_fresh_samples(
    const SampleSource& source, Eigen::Index dimension, const FreshSampleCpOptions& options,
    const std::function<void(const FreshSampleCpState&)>& observe = {});

}  // namespace popflow
