#include "popflow/flow/amplifier.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "popflow/input/marginal_average.hpp"
#include "popflow/moments/arcsine.hpp"

#include "input/check_number.hpp"

namespace popflow {

namespace {

// E|X|: E|erf(g z / sqrt 2)| = (2/pi) atan g.
double mean_magnitude(const PointwiseField& field) {
  if (field.gain == 0.0) return std::sqrt(2.0 / std::numbers::pi);
  return 2.0 / std::numbers::pi * std::atan(field.gain) / erf_normalisation(field.gain);
}

}  // namespace

double amplifier(const PointwiseField& field, double a) {
  check_number(std::abs(a) <= 1.0, "correlation", a, "from -1 to 1");
  if (std::abs(a) == 1.0) return std::copysign(mean_magnitude(field), a);
  const double steepness = std::abs(a) / std::sqrt((1.0 - a) * (1.0 + a));
  const double slope = std::copysign(steepness, a) / (std::numbers::sqrt2 * field.scale);
  const MarginalAverage average(field, std::max(steepness, 1.0), 3);
  return average([slope](double x) { return std::erf(slope * x); }) / field.scale;
}

}  // namespace popflow
