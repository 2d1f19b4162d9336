#pragma once

#include <array>
#include <cstdint>

#include "popflow/lattice/eigen.hpp"

namespace popflow {

/// The use of a stream's numbers. Streams of different purpose are independent.
enum class Purpose : std::uint32_t {
  initial_weights = 0,
  training = 1,
  evaluation = 2,
  decomposition = 3,
  matching = 4,
  entries = 5,
  shuffling = 6,
  tiling = 7,
  orbit = 8,
  chain = 9
};

/// Random numbers number 0, 1, 2, ... of the stream (seed, purpose, run, index), by the
/// counter-based generator Philox4x64-10 (Salmon et al. 2011, from Random123).
///
/// Every sample has its own index, so sample n of a run has the same bits whatever the number of
/// threads and the order in which they draw.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, Purpose purpose, std::uint64_t index, std::uint32_t run = 0);

  /// Uniform in (0, 1].
  double uniform();

  /// Such numbers, four to a block of the generator; a call takes whole blocks and discards the
  /// rest of the last.
  void fill_uniform(Eigen::Ref<Eigen::VectorXd> out);

  /// Standard normal numbers, by the Box-Muller transform, four to a block of the generator; a call
  /// takes whole blocks and discards the rest of the last.
  void fill_normal(Eigen::Ref<Eigen::VectorXd> out);

 private:
  using Block = std::array<std::uint64_t, 4>;
  Block next_block();

  std::array<std::uint64_t, 2> key_;
  std::uint64_t index_;
  std::uint64_t block_ = 0;
};

}  // namespace popflow
