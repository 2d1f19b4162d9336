#pragma once

#include <vector>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/experiment/results.hpp"
#include "popflow/network/network.hpp"

namespace popflow {

/// Snapshots of all parameters along one integration, and how it ended.
struct ParameterRun {
  std::vector<double> time;
  std::vector<Parameters> parameters;
  IntegrationResult end;

  /// Appends the state, as Parameters::values, of parameters that are shaped like `shape`.
  void record(const Parameters& shape, const Eigen::VectorXd& state, double tau);
};

/// Fills in times, weights, biases and second layers; for several runs, which have the same times,
/// also the standard error of the weights.
void put_runs(Results& results, const std::vector<ParameterRun>& runs);

}  // namespace popflow
