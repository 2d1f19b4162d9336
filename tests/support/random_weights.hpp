#pragma once

#include <cmath>
#include <cstdint>

#include "popflow/input/random_stream.hpp"
#include "popflow/network/weights.hpp"

namespace popflow::test {

/// Weights u ~ N(0, scale^2 / N) of K neurons, so that |u_k| is about `scale`.
inline Weights random_weights(int neurons, int sites, std::uint64_t seed, double scale = 1.0) {
  RandomStream stream(seed, Purpose::initial_weights, 0);
  Field numbers(neurons * sites);
  stream.fill_normal(numbers);
  return scale / std::sqrt(sites) * Eigen::Map<const Weights>(numbers.data(), neurons, sites);
}

}  // namespace popflow::test
