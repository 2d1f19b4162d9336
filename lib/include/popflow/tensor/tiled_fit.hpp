#pragma once

#include <optional>
#include <vector>

#include "popflow/moments/fourth_cumulant.hpp"
#include "popflow/tensor/tiled_cp.hpp"

namespace popflow {

/// Where a tiled fit takes the cumulant from.
struct TiledFitSource {
  /// Fit so many sampled entries (see draw_entries); 0: the whole table, where the lattice has at
  /// most 512 sites, and 30000 entries where it has more.
  int entries = 0;
  /// Ask of the templates the symmetries of the law. By default of fits to sampled entries only,
  /// which would otherwise have too many unknowns.
  std::optional<bool> symmetric_templates = {};
};

/// Tiled CP of a closed-form fourth cumulant on a lattice of any size.
struct TiledFit {
  TiledFactors factors;                  ///< normalised(), of rank R
  double relative_error;                 ///< of the whole tensor, Frobenius
  std::optional<double> standard_error;  ///< of an error estimated from 100000 unseen entries
  /// relative_error of the fits of rank 1, ..., R; over unseen entries it may rise.
  std::vector<double> rank_error;
};

/// tiled_cp or tiled_cp_from_entries, as `source` says; `options.symmetry` is set from it. `reach`
/// is that of draw_entries: the covariance. Throws std::invalid_argument for options out of range,
/// or more than 2500 unknowns; std::length_error where a table was asked of a lattice too large.
TiledFit tiled_fit(const FourthCumulant& kappa, const Field& reach, TiledCpOptions options,
                   const TiledFitSource& source = {});

}  // namespace popflow
