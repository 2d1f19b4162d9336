#pragma once

#include <cstddef>
#include <vector>

namespace popflow {

/// The rows to print of `count` rows: all if they are few, otherwise evenly spaced ones, with the
/// first and the last.
std::vector<std::size_t> printed_rows(std::size_t count);

}  // namespace popflow
