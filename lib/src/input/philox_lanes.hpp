#pragma once

#include "popflow/input/lane_fields.hpp"

#include "input/philox.hpp"

namespace popflow {

// The counters and the key of the samples `indices`. Throws std::invalid_argument for a run of 2^24
// or more.
PhiloxLanes philox_lanes(const SampleKey& key, LaneIndices indices);

// The block that draw_uniform reads. Fields have at most 2^30 sites, and a block serves four.
inline constexpr std::uint32_t uniform_block = 0xffffffff;

}  // namespace popflow
