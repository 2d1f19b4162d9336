#include "popflow/input/pointwise_field.hpp"

#include <cmath>
#include <numbers>

#include "popflow/moments/arcsine.hpp"

namespace popflow {

double PointwiseField::operator()(double z) const {
  if (gain == 0.0) return scale * z;
  if (std::isinf(gain)) return std::copysign(scale, z);
  return scale * std::erf(gain / std::numbers::sqrt2 * z) / erf_normalisation(gain);
}

}  // namespace popflow
