#include "popflow/training/sample_schedule.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>

#include <fmt/core.h>

#include "popflow/input/random_stream.hpp"

#include "input/check_number.hpp"

namespace popflow {

namespace {

constexpr std::int64_t most_samples = std::numeric_limits<std::uint32_t>::max();

}  // namespace

SampleSchedule::SampleSchedule(const Options& options)
    : options_(options), epoch_(std::numeric_limits<std::uint64_t>::max()), size_(options.batch) {
  check_number(options.batch >= 1, "batch", options.batch, "at least 1");
  if (options.samples < 0 || options.samples > most_samples)
    throw std::invalid_argument(
        fmt::format("{} samples: must be from 0 to {}", options.samples, most_samples));
  if (options.samples == 0) return;
  options_.batch = static_cast<int>(std::min<std::int64_t>(options.batch, options.samples));
  size_ = options_.batch;
  const auto batch = static_cast<std::uint64_t>(options_.batch);
  steps_per_epoch_ = (static_cast<std::uint64_t>(options.samples) + batch - 1) / batch;
  order_.resize(static_cast<std::size_t>(options.samples));
  std::iota(order_.begin(), order_.end(), std::uint32_t{0});
}

void SampleSchedule::begin(std::uint64_t step) {
  const auto batch = static_cast<std::uint64_t>(options_.batch);
  if (steps_per_epoch_ == 0) {
    first_ = step * batch;
    return;
  }
  if (const std::uint64_t epoch = step / steps_per_epoch_; epoch != epoch_) shuffle(epoch);
  first_ = step % steps_per_epoch_ * batch;
  size_ = static_cast<int>(std::min<std::uint64_t>(batch, order_.size() - first_));
}

void SampleSchedule::fill(int first, std::span<std::uint64_t> numbers) const {
  const std::uint64_t start = first_ + static_cast<std::uint64_t>(first);
  if (steps_per_epoch_ == 0)
    std::iota(numbers.begin(), numbers.end(), start);
  else
    std::copy_n(order_.begin() + static_cast<std::ptrdiff_t>(start), numbers.size(),
                numbers.begin());
}

// Fisher and Yates's, from the identity, so that an epoch's order does not depend on others'.
void SampleSchedule::shuffle(std::uint64_t epoch) {
  epoch_ = epoch;
  if (!options_.shuffle) return;
  std::iota(order_.begin(), order_.end(), std::uint32_t{0});
  RandomStream stream(options_.seed, Purpose::shuffling, epoch, options_.run);
  for (std::size_t left = order_.size(); left > 1; --left) {
    // uniform() is above 0, at most 1.
    const auto chosen =
        static_cast<std::size_t>((1.0 - stream.uniform()) * static_cast<double>(left));
    std::swap(order_[left - 1], order_[chosen]);
  }
}

}  // namespace popflow
