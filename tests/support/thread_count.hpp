#pragma once

#include "popflow/threads/parallel_for.hpp"

namespace popflow::test {

/// Shares out work to a number of threads for as long as it lives, also work that is too small for
/// threads, so that every one of them takes part.
class ThreadCount : ThreadLimit {
 public:
  explicit ThreadCount(int threads) : ThreadLimit(threads, Wake::always) {}
};

}  // namespace popflow::test
