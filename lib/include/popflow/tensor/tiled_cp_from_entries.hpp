#pragma once

#include <vector>

#include "popflow/tensor/entry_sample.hpp"
#include "popflow/tensor/tiled_cp.hpp"

namespace popflow {

/// The tiled CP forms of rank 1, 2, ..., R (tiled_cp) that are closest to sampled entries of the
/// cumulant: for lattices whose table would not fit into memory. `relative_error` is that of the fitted entries, and a little too small: see
/// relative_error(factors, sample) for one over entries that the fit never saw. `reach` is that of
/// draw_entries. With P unknowns a template, n entries and windows of W sites an iteration costs
/// O(n R (W + R P^2)). Throws std::invalid_argument for more than 2500 unknowns, options out of
/// range, a reach of another size, and entries that all vanish.
std::vector<TiledCpFit> tiled_cp_from_entries(const EntrySample& sample, const Field& reach,
                                              const TiledCpOptions& options);

}  // namespace popflow
