#pragma once

#include <cstdint>

#include "popflow/lattice/lanes.hpp"

namespace popflow {

// The counter and the key of Philox4x32-10, apart from the number of the block. The counter is
// (block, index low, index high, stream), with one index for each lane.
struct PhiloxLanes {
  std::uint32_t index_low[lanes];
  std::uint32_t index_high[lanes];
  std::uint32_t stream;
  std::uint32_t key[2];
};

// The words of a block of each lane: words[4 lanes b + lanes w + l] is word w of block b of lane l.
inline constexpr int words_of_block = 4 * lanes;

// Philox4x32-10 (Salmon et al. 2011, as in Random123): blocks first, first + 1, ..., `count` of
// them, into `words`, which is aligned to 64 bytes.
struct Philox {
  template <class Arch>
  void operator()(Arch, const PhiloxLanes& in, std::uint32_t first, int count,
                  std::uint32_t* words) const;
};

}  // namespace popflow
