#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "popflow/input/lane_fields.hpp"
#include "popflow/input/task.hpp"

namespace popflow {

/// Samples of a task in groups of sixteen of the same class, side by side. A lane without a sample
/// of its own repeats another sample with the weight 0.
template <class Real>
class LaneBatch {
 public:
  /// Room for `samples` samples of the task.
  LaneBatch(const Task& task, int samples);

  int groups = 0;
  LaneFields<Real> label, weight;  ///< a row a group
  std::vector<int> group_class;    ///< of each group
  std::vector<int> sample_class;   ///< of the samples, in the order asked for

  /// The fields of group g, N x lanes; those of group g + 1 follow in memory.
  Eigen::Map<LaneFields<Real>> fields(int g) { return {at(g), sites_, lanes}; }
  Eigen::Map<const LaneFields<Real>> fields(int g) const {
    return {const_cast<LaneBatch*>(this)->at(g), sites_, lanes};
  }

 private:
  Real* at(int g) { return fields_.data() + g * sites_ * lanes; }

  Eigen::Index sites_;
  LaneStorage<Real> fields_;
};

/// Draws these samples of a run. The class and the field of sample n depend on the key and n only,
/// the field's rounding also on what it is drawn with. `task` lends its samplers' scratch memory:
/// one copy a thread. Allocates nothing; throws std::length_error if the batch is too small.
template <class Real>
void draw_samples(Task& task, const SampleKey& key, std::span<const std::uint64_t> samples,
                  LaneBatch<Real>& batch);

}  // namespace popflow
