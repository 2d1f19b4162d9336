#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <Eigen/Core>
#include <boost/align/aligned_allocator.hpp>

#include "popflow/input/random_stream.hpp"
#include "popflow/lattice/lanes.hpp"

namespace popflow {

/// Fields side by side, N x lanes: entry (i, l) is the value of field l at site i. The values of
/// one site lie together, so that one instruction treats several fields.
template <class Real>
using LaneFields = Eigen::Matrix<Real, Eigen::Dynamic, lanes, Eigen::RowMajor>;

/// A view of them that may be written to.
template <class Real>
using LaneView = Eigen::Ref<LaneFields<Real>>;

/// Memory for them, aligned for the widest vectors, which would otherwise straddle two cache lines.
template <class Real>
using LaneStorage = std::vector<Real, boost::alignment::aligned_allocator<Real, 64>>;

/// The numbers of the samples in the lanes; any, also the same one twice.
using LaneIndices = std::span<const std::uint64_t, lanes>;

/// The key of samples to draw. Sample n of a key is the same up to rounding, whatever is drawn
/// beside it or before it, and on any thread.
///
/// Its random words are those of Philox4x32-10 with the seed as key and the counter (block, n low,
/// n high, purpose 2^24 + run), so `run` must be below 2^24. Single and double precision use the
/// same words: a sample is the same field in both, up to rounding.
struct SampleKey {
  std::uint64_t seed;
  Purpose purpose;
  std::uint32_t run = 0;
};

/// One uniform number in (0, 1] a sample, a multiple of 2^-53, from a block of the generator that
/// no field uses. Throws std::invalid_argument for a run of 2^24 or more.
void draw_uniform(const SampleKey& key, LaneIndices indices, std::span<double, lanes> out);

}  // namespace popflow
