#include "popflow/dynamics/integrate.hpp"

#include <stdexcept>

#include <fmt/core.h>

namespace popflow::detail {

namespace {

void check_positive(double value, const char* what) {
  if (!(value > 0.0) || !std::isfinite(value))
    throw std::invalid_argument(fmt::format("{} {}: must be positive and finite", what, value));
}

void check_not_negative(double value, const char* what) {
  if (!(value >= 0.0) || !std::isfinite(value))
    throw std::invalid_argument(fmt::format("{} {}: must be at least 0 and finite", what, value));
}

}  // namespace

void check_integration(Eigen::Index dimension, Eigen::Index size, std::span<const double> times,
                       const IntegrationOptions& options) {
  if (size != dimension)
    throw std::invalid_argument(
        fmt::format("state of {} entries: the flow has {}", size, dimension));
  check_schedule(times);
  check_positive(options.absolute_tolerance, "absolute tolerance");
  check_not_negative(options.relative_tolerance, "relative tolerance");
  check_positive(options.first_step, "first step");
  check_not_negative(options.stationary_rate, "stationary rate");
  if (options.step_limit < 1) throw std::invalid_argument("step limit 0: must be at least 1");
}

}  // namespace popflow::detail
