#include "popflow/input/lane_fields.hpp"

#include <stdexcept>

#include <fmt/core.h>

#include "input/philox_lanes.hpp"
#include "lanes/dispatch.hpp"

namespace popflow {

PhiloxLanes philox_lanes(const SampleKey& key, LaneIndices indices) {
  constexpr int run_bits = 24;
  if (key.run >> run_bits != 0)
    throw std::invalid_argument(fmt::format("run {}: must be below {}", key.run, 1u << run_bits));
  PhiloxLanes result;
  for (int l = 0; l < lanes; ++l) {
    result.index_low[l] = static_cast<std::uint32_t>(indices[l]);
    result.index_high[l] = static_cast<std::uint32_t>(indices[l] >> 32);
  }
  result.stream = static_cast<std::uint32_t>(key.purpose) << run_bits | key.run;
  result.key[0] = static_cast<std::uint32_t>(key.seed);
  result.key[1] = static_cast<std::uint32_t>(key.seed >> 32);
  return result;
}

void draw_uniform(const SampleKey& key, LaneIndices indices, std::span<double, lanes> out) {
  alignas(64) std::uint32_t words[words_of_block];
  dispatch(Philox{}, philox_lanes(key, indices), uniform_block, 1, words);
  for (int l = 0; l < lanes; ++l) {
    const std::uint64_t bits = (std::uint64_t{words[l]} << 32 | words[lanes + l]) >> 11;
    out[l] = static_cast<double>(bits + 1) * 0x1p-53;
  }
}

}  // namespace popflow
