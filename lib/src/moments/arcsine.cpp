#include "popflow/moments/arcsine.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>

#include <fmt/core.h>

namespace popflow {

double erf_correlation_factor(double gain) {
  if (!(gain > 0.0))
    throw std::invalid_argument(
        fmt::format("gain {}: must be positive, or infinity for the sign field", gain));
  const double g2 = gain * gain;
  return std::isinf(g2) ? 1.0 : g2 / (1.0 + g2);
}

double erf_normalisation(double gain) {
  return std::sqrt(2.0 / std::numbers::pi * std::asin(erf_correlation_factor(gain)));
}

double erf_two_point(double gain, double c) {
  const double rho = erf_correlation_factor(gain);
  return std::asin(rho * c) / std::asin(rho);
}

}  // namespace popflow
