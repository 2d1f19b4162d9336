#include "popflow/dynamics/train.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/core.h>

namespace popflow::detail {

namespace {

// The number of steps must fit 64 bits, and each step must change tau.
void check_steps(std::span<const double> times, double learning_rate) {
  constexpr double most_steps = 1e15;
  for (std::size_t i = 1; i < times.size(); ++i)
    if (!((times[i] - times[i - 1]) / learning_rate <= most_steps))
      throw std::invalid_argument(
          fmt::format("learning rate {}: must be at least {:g}, for 1e15 steps from one scheduled "
                      "time to the next",
                      learning_rate, (times[i] - times[i - 1]) / most_steps));
}

}  // namespace

void check_training(std::span<const double> times, const TrainingState& state,
                    const TrainingOptions& options) {
  check_schedule(times);
  if (!(options.learning_rate > 0.0) || !std::isfinite(options.learning_rate))
    throw std::invalid_argument("learning rate: must be positive and finite");
  if (options.learning_rate > largest_learning_rate(times))
    throw std::invalid_argument(fmt::format(
        "learning rate {}: must be at most {:.9g}, the shortest time between two scheduled "
        "times",
        options.learning_rate, shortest_interval(times)));
  check_steps(times, options.learning_rate);
  check_learning(options.learning);
  if (state.observed > times.size())
    throw std::invalid_argument(fmt::format("a run that has observed {} times: only {} scheduled",
                                            state.observed, times.size()));
}

std::uint64_t steps_between(double from, double to, double learning_rate) {
  // The small allowance keeps rounding from adding a step to a whole number of them.
  const double steps = std::ceil((to - from) / learning_rate * (1.0 - interval_rounding));
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(steps));
}

}  // namespace popflow::detail
