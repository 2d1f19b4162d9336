#include "popflow/moments/arcsine.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include <fmt/core.h>

namespace popflow {

namespace {

// asin(r) / r, which keeps the ratios below finite down to the smallest gain.
double arcsine_ratio(double r) { return std::abs(r) < 1e-8 ? 1.0 : std::asin(r) / r; }

}  // namespace

double erf_correlation_factor(double gain) {
  if (!(gain > 0.0))
    throw std::invalid_argument(
        fmt::format("gain {}: must be positive, or infinity for the sign field", gain));
  const double g2 = gain * gain;
  return std::isinf(g2) ? 1.0 : g2 / (1.0 + g2);
}

double erf_normalisation(double gain) {
  const double rho = erf_correlation_factor(gain);
  const double root_rho = std::isinf(gain) ? 1.0 : gain / std::hypot(1.0, gain);
  return root_rho * std::sqrt(2.0 / std::numbers::pi * arcsine_ratio(rho));  // (Eq. 6)
}

double erf_two_point(double gain, double c) {
  const double rho = erf_correlation_factor(gain);
  const double within = std::clamp(c, -1.0, 1.0);  // rounding may exceed 1
  return within * arcsine_ratio(rho * within) / arcsine_ratio(rho);
}

}  // namespace popflow
