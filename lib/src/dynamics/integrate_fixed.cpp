#include "popflow/dynamics/integrate_fixed.hpp"

#include <stdexcept>

#include <fmt/core.h>

namespace popflow::detail {

void check_fixed_steps(Eigen::Index dimension, Eigen::Index size, std::span<const double> times,
                       const FixedStepOptions& options) {
  check_integration(dimension, size, times, {});
  if (!(options.step > 0.0) || !std::isfinite(options.step))
    throw std::invalid_argument(fmt::format("step {}: must be positive and finite", options.step));
}

}  // namespace popflow::detail
