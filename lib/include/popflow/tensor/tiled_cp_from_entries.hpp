#pragma once

#include <vector>

#include "popflow/tensor/entry_sample.hpp"
#include "popflow/tensor/tiled_cp.hpp"

namespace popflow {

/// The tiled CP forms of rank 1, 2, ..., R (see tiled_cp) that are closest to sampled entries of
/// the cumulant. For lattices whose table does not fit into memory. `relative_error` is the error
/// at the fitted entries; it is a little too small. relative_error(factors, sample) with a new
/// sample gives an error that is not biased by the fit. `reach` is as in draw_entries.
///
/// With P unknowns per template, n entries and windows of W sites, an iteration costs O(n R (W + R
/// P^2)). Throws std::invalid_argument for more than 2500 unknowns, fewer entries than unknowns,
/// options out of range, a reach of another size, and entries that are all zero.
std::vector<TiledCpFit> tiled_cp_from_entries(const EntrySample& sample, const Field& reach,
                                              const TiledCpOptions& options);

}  // namespace popflow
