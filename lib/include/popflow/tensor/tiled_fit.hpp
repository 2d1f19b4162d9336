#pragma once

#include <optional>
#include <vector>

#include "popflow/moments/fourth_cumulant.hpp"
#include "popflow/tensor/tiled_cp.hpp"

namespace popflow {

/// How tiled_fit uses the cumulant.
struct TiledFitSource {
  /// Number of sampled entries to fit (see draw_entries). 0: fit the whole table if the lattice has
  /// at most 512 sites, and otherwise 30000 entries.
  int entries = 0;
  /// Whether the templates must have the symmetries of the law. By default this is required only in
  /// fits to sampled entries, which would otherwise have too many unknowns.
  std::optional<bool> symmetric_templates = {};
};

/// A tiled CP form of a closed-form fourth cumulant, on a lattice of any size.
struct TiledFit {
  TiledFactors factors;                  ///< normalised(), of rank R
  double relative_error;                 ///< Frobenius, over the whole tensor
  std::optional<double> standard_error;  ///< if the error is estimated from 100000 new entries
  /// relative_error of the fits of rank 1, ..., R. If it is estimated from new entries, it may rise
  /// with the rank.
  std::vector<double> rank_error;
};

/// Calls tiled_cp or tiled_cp_from_entries, according to `source`, which also determines
/// `options.symmetry`. `reach` is as in draw_entries: the covariance. Throws std::invalid_argument
/// for options out of range and for more than 2500 unknowns.
TiledFit tiled_fit(const FourthCumulant& kappa, const Field& reach, TiledCpOptions options,
                   const TiledFitSource& source = {});

}  // namespace popflow
