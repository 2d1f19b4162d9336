#pragma once

#include <optional>
#include <vector>

#include "popflow/results/results.hpp"

namespace popflow {

/// A size of one snapshot: |u| over all neurons, and the IPR as their mean; both means over runs.
struct Size {
  double norm;
  double ipr;
};

/// How far simulation B is from theory A at one time.
struct Distance {
  double t;
  Size a, b;
  double relative_error;  ///< |mean of B - A| / |A|

  /// sqrt(sum_i Var_i / R) / |A| over B's R runs: the noise of relative_error, and its expected
  /// value if A were exact. None for one run.
  std::optional<double> standard_error;

  double aligned_error;  ///< relative_error with each run of B shifted and signed to fit A first
};

/// Distances at the times that both have in common (to 1e-9 relative), in order. If A is an
/// ensemble, its mean is compared. Both have the same lattice and number of neurons.
std::vector<Distance> compare(const Results& a, const Results& b);

}  // namespace popflow
