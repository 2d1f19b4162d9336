#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "popflow/input/lane_batch.hpp"
#include "popflow/network/network.hpp"

namespace popflow {

/// Loss and accuracy of a network on samples.
struct Evaluation {
  double loss;        ///< mean over the samples
  double loss_error;  ///< its standard error; NaN for a single sample
  /// Share of samples whose output is nearest to the label of their own class. A sample counts half
  /// if another label is equally near, so that a network whose output is always 0 guesses.
  double accuracy;
};

/// The first `count` samples of a key.
struct SampleRange {
  SampleKey key;
  std::int64_t count;
};

/// Evaluates parameters, several at a time, on these samples. The result has the same bits on any
/// number of threads. Throws std::invalid_argument for a bad task, for parameters that
/// do not fit, for labels that the loss does not take, and unless samples.count >= 1.
/// Throws Interrupted soon after `interrupted`, which any thread may call, returns true.
std::vector<Evaluation> evaluate(const Task& task, const Network& network,
                                 std::span<const Parameters> parameters, const SampleRange& samples,
                                 const std::function<bool()>& interrupted = {});

}  // namespace popflow
