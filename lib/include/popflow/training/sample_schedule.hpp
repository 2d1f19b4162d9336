#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace popflow {

/// The samples that each step of a run takes: fresh samples every time, or minibatches of a finite
/// sample. Every epoch goes through the finite sample once, in a new order.
class SampleSchedule {
 public:
  /// The choice of the samples of every step.
  struct Options {
    int batch = 1000;          ///< samples a step, at most; an epoch's last step takes what is left
    std::int64_t samples = 0;  ///< P, size of the finite sample; 0: fresh samples
    bool shuffle = true;       ///< otherwise every epoch has the order 0, 1, ...
    std::uint64_t seed = 1;
    std::uint32_t run = 0;
  };

  /// Throws std::invalid_argument unless batch >= 1 and samples is from 0 to 2^32 - 1.
  explicit SampleSchedule(const Options& options);

  /// Goes to step number `step`; steps may come in any order.
  void begin(std::uint64_t step);

  /// The number of samples that the step takes. Before the first call of begin, the most that a
  /// step takes.
  int size() const { return size_; }

  /// Writes the numbers of its samples from number `first` on, as many as fit.
  void fill(int first, std::span<std::uint64_t> numbers) const;

 private:
  void shuffle(std::uint64_t epoch);

  Options options_;
  std::uint64_t steps_per_epoch_ = 0, epoch_, first_ = 0;
  int size_;
  std::vector<std::uint32_t> order_;
};

}  // namespace popflow
