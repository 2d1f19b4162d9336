#pragma once

#include <cstddef>

namespace popflow::test {

/// How many blocks of memory the program has taken since it started, on all threads, by whatever
/// way: malloc and its relatives are replaced by versions that count. Always 0 where
/// allocations_are_counted() is false: a sanitizer has replaced them already.
std::size_t allocation_count();

bool allocations_are_counted();

}  // namespace popflow::test
