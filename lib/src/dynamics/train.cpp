#include "popflow/dynamics/train.hpp"

#include <cmath>
#include <stdexcept>

#include <fmt/core.h>

namespace popflow::detail {

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
  check_steps(times, "learning rate", options.learning_rate);
  check_learning(options.learning);
  if (state.observed > times.size())
    throw std::invalid_argument(fmt::format("a run that has observed {} times: only {} scheduled",
                                            state.observed, times.size()));
}

}  // namespace popflow::detail
