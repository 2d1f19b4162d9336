#include "popflow/dynamics/integrate_fixed.hpp"

#include <stdexcept>

#include <fmt/core.h>

namespace popflow::detail {

void check_fixed_steps(Eigen::Index dimension, Eigen::Index size, std::span<const double> times,
                       const FixedStepOptions& options) {
  check_integration(dimension, size, times, {});
  if (!(options.step > 0.0) || !std::isfinite(options.step))
    throw std::invalid_argument(fmt::format("step {}: must be positive and finite", options.step));
  // More are not told apart by a double, in which they are counted.
  constexpr double most_steps = 1e15;
  for (std::size_t i = 1; i < times.size(); ++i)
    if (!((times[i] - times[i - 1]) / options.step <= most_steps))
      throw std::invalid_argument(
          fmt::format("step {}: must be at least {:g}, for 1e15 steps from one scheduled time to "
                      "the next",
                      options.step, (times[i] - times[i - 1]) / most_steps));
}

}  // namespace popflow::detail
