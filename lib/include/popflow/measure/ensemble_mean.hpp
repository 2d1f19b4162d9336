#pragma once

#include <optional>
#include <vector>

#include "popflow/network/weights.hpp"

namespace popflow {

/// The mean over the runs of an ensemble, and how well it is known.
struct EnsembleMean {
  Weights mean;  ///< K x N

  /// sum_i Var_i / R, with the variance Var_i of weight i over R runs: what |mean - expectation|^2
  /// is on average. None for a single run.
  std::optional<double> variance = {};
};

/// The mean of one run or more, each K x N. Throws std::invalid_argument if there is no run, or if
/// their shapes differ.
EnsembleMean ensemble_mean(const std::vector<Weights>& runs);

/// The distance of a mean a from another mean b, in units of |b|.
struct MeanDistance {
  double distance;  ///< |a - b| / |b|, in which the noise of both is included

  /// sqrt(variance of a + variance of b) / |b|: the distance, root mean square, of two ensembles
  /// whose expectations are the same. A mean without a variance counts as exact.
  double standard_error;

  /// sqrt(distance^2 - standard_error^2), or 0 where that is not real: the distance between the
  /// expectations. Its square is right on average, up to the noise of |b|.
  double error;
};

/// Throws std::invalid_argument unless both are of one shape. For b = 0 the distance is 0 where a
/// is 0 too, and infinite otherwise.
MeanDistance mean_distance(const EnsembleMean& a, const EnsembleMean& b);

}  // namespace popflow
