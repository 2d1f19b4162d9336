#pragma once

#include <cstddef>
#include <vector>

namespace popflow {

/// Which of `count` rows to print, evenly spaced: all when they are few, the first and last always.
std::vector<std::size_t> printed_rows(std::size_t count);

}  // namespace popflow
