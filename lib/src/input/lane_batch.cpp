#include "popflow/input/lane_batch.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <fmt/core.h>

namespace popflow {

namespace {

int class_at(const Task& task, double uniform) {
  const int last = static_cast<int>(task.size()) - 1;
  for (int c = 0; c < last; ++c) {
    uniform -= task[static_cast<std::size_t>(c)].probability;
    if (uniform <= 0.0) return c;
  }
  return last;
}

using Group = std::array<std::uint64_t, lanes>;

void draw_classes(const Task& task, const SampleKey& key, std::span<const std::uint64_t> samples,
                  std::vector<int>& sample_class) {
  Group group;
  std::array<double, lanes> uniform;
  for (std::size_t first = 0; first < samples.size(); first += lanes) {
    const std::size_t count = std::min<std::size_t>(lanes, samples.size() - first);
    group.fill(samples[first]);
    std::copy_n(samples.begin() + static_cast<std::ptrdiff_t>(first), count, group.begin());
    draw_uniform(key, group, uniform);
    for (std::size_t n = 0; n < count; ++n) sample_class[first + n] = class_at(task, uniform[n]);
  }
}

// Draws samples, all of class c and as many as there are lanes at most, as the batch's next group.
template <class Real>
void append(Task& task, const SampleKey& key, int c, std::span<const std::uint64_t> samples,
            LaneBatch<Real>& batch) {
  Group group;
  group.fill(samples.front());
  std::copy(samples.begin(), samples.end(), group.begin());
  TaskClass& drawn = task[static_cast<std::size_t>(c)];
  const int g = batch.groups++;
  drawn.input.sample_lanes(key, group, LaneView<Real>(batch.fields(g)));
  batch.group_class[static_cast<std::size_t>(g)] = c;
  batch.label.row(g).setConstant(static_cast<Real>(drawn.label));
  batch.weight.row(g).setZero();
  batch.weight.row(g).head(static_cast<Eigen::Index>(samples.size())).setOnes();
}

}  // namespace

template <class Real>
LaneBatch<Real>::LaneBatch(const Task& task, int samples) : sites_(lattice_of(task).sites()) {
  // The last group of every class may be nearly empty.
  const int most = samples / lanes + static_cast<int>(task.size());
  fields_.resize(static_cast<std::size_t>(most * sites_ * lanes));
  label.resize(most, lanes);
  weight.resize(most, lanes);
  group_class.resize(static_cast<std::size_t>(most));
  sample_class.resize(static_cast<std::size_t>(samples));
}

template <class Real>
void draw_samples(Task& task, const SampleKey& key, std::span<const std::uint64_t> samples,
                  LaneBatch<Real>& batch) {
  if (samples.size() > batch.sample_class.size())
    throw std::length_error(fmt::format("{} samples: the batch has room for {}", samples.size(),
                                        batch.sample_class.size()));
  draw_classes(task, key, samples, batch.sample_class);
  batch.groups = 0;
  for (int c = 0; c < static_cast<int>(task.size()); ++c) {
    Group group;
    std::size_t count = 0;
    for (std::size_t n = 0; n < samples.size(); ++n) {
      if (batch.sample_class[n] != c) continue;
      group[count++] = samples[n];
      if (count < lanes) continue;
      append(task, key, c, group, batch);
      count = 0;
    }
    if (count > 0) append(task, key, c, std::span(group).first(count), batch);
  }
}

template class LaneBatch<float>;
template class LaneBatch<double>;
template void draw_samples(Task&, const SampleKey&, std::span<const std::uint64_t>,
                           LaneBatch<float>&);
template void draw_samples(Task&, const SampleKey&, std::span<const std::uint64_t>,
                           LaneBatch<double>&);

}  // namespace popflow
