#pragma once

#include <cstdint>
#include <functional>

#include "popflow/input/input.hpp"
#include "popflow/tensor/sample_cumulant.hpp"
#include "popflow/tensor/symmetric_cp.hpp"

namespace popflow {

/// Puts the samples number first, first + 1, ... of a law of mean zero into the columns of a sized
/// N x P array. The same number gives the same sample in whatever company.
using SampleSource = std::function<void(std::uint64_t first, Eigen::Ref<Eigen::MatrixXd> samples)>;

/// The samples of an input: sample n is drawn from RandomStream(seed, Purpose::decomposition, n,
/// run), run the largest there is, because random starts take the first. Samples share out the
/// threads.
SampleSource fresh_samples(const Input& input, std::uint64_t seed);

/// symmetric_cp of the fourth cumulant of a fixed set of samples, N x P, one a column: O(P N R) a
/// step. The error is relative to the estimated tensor, whose noise |.|^2 ~ N^4 / P no low rank
/// explains; of more than 8192 samples, to an upper bound of it from the first 8192. See
/// SampleCumulant::squared_norm. Throws like symmetric_cp, and unless P >= 2.
SymmetricCpFit symmetric_cp_from_samples(Eigen::MatrixXd samples,
                                         const SymmetricCpOptions& options);

/// Where stochastic approximation starts, and how far it goes.
struct FreshSampleCpOptions {
  /// Of the fit to the first samples, which the scheme starts from: rank and starts. What
  /// interrupts it is asked before every later step too.
  SymmetricCpOptions start = {};
  Eigen::Index first = 8192;  ///< samples of that fit, >= batch
  Eigen::Index batch = 1024;  ///< samples a step, >= 2
  int steps = 100;            ///< >= 0
  double damping = 1e-6;      ///< of the Gauss-Newton steps, >= 0, see Eq. 42
};

/// Where the scheme stands after so many samples.
struct FreshSampleCpState {
  std::uint64_t samples;   ///< drawn so far
  const Factors& factors;  ///< normalised()
  /// Unbiased estimate of |kappa|^2 - |kappa - sum_r lambda_r x_r^(x4)|^2 for the factors *before*
  /// the last batch, from that batch, which they had not seen; NaN before the first step.
  double explained;
};

/// The factors of a stream of samples.
struct FreshSampleCpFit {
  Factors factors;        ///< normalised()
  std::uint64_t samples;  ///< drawn
};

/// Symmetric CP of a law's fourth cumulant from samples that are drawn, used once and forgotten:
/// stochastic approximation with Gauss-Newton steps (Eq. 42), so that the error of the factors
/// after k batches is about that of a fit to all their samples, in O(N (R + batch)) memory.
///
/// The signs of the weights stay those of the first fit, which must hence have samples enough to
/// tell them (projected_cumulants says how surely). `observe` is called after it and after every
/// step. Throws std::invalid_argument for options out of range.
FreshSampleCpFit symmetric_cp_from_fresh_samples(
    const SampleSource& source, Eigen::Index dimension, const FreshSampleCpOptions& options,
    const std::function<void(const FreshSampleCpState&)>& observe = {});

}  // namespace popflow
