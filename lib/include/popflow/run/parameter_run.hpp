#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "popflow/dynamics/integration_options.hpp"
#include "popflow/network/network.hpp"
#include "popflow/results/results.hpp"

namespace popflow {

/// Snapshots of all parameters along one integration, and how it ended.
struct ParameterRun {
  std::vector<double> time;
  std::vector<Parameters> parameters;
  IntegrationResult end;
  std::vector<double> neglected_terms = {};  ///< of an expansion (flow/expansion.hpp)
};

/// Cuts all runs to the snapshots that they have in common.
template <class Run>
void cut_to_common(std::vector<Run>& runs) {
  std::size_t snapshots = runs.front().time.size();
  for (const Run& run : runs) snapshots = std::min(snapshots, run.time.size());
  for (Run& run : runs) {
    run.time.resize(snapshots);
    run.parameters.erase(run.parameters.begin() + static_cast<std::ptrdiff_t>(snapshots),
                         run.parameters.end());
  }
}

/// Fills in times, weights, biases and second layers. For an expansion, also the neglected terms.
/// For several runs, which have the same times, also the standard error of the weights.
void put_runs(Results& results, const std::vector<ParameterRun>& runs);

}  // namespace popflow
