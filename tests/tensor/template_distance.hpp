#pragma once

#include <algorithm>
#include <limits>

#include "popflow/measure/alignment.hpp"
#include "popflow/tensor/tiled_cumulant.hpp"

namespace popflow::test {

/// Largest distance between unit templates of two tiled forms of the same rank, each of `a` brought
/// onto the nearest of `b` by a shift and a sign, or between their weights, relative to |lambda_1|.
inline double template_distance(TiledFactors a, TiledFactors b) {
  a = normalised(std::move(a));
  b = normalised(std::move(b));
  FourierTransform fourier(a.torus);
  double largest = 0.0;
  for (Eigen::Index r = 0; r < a.rank(); ++r) {
    double nearest = std::numeric_limits<double>::infinity();
    for (Eigen::Index s = 0; s < b.rank(); ++s)
      nearest = std::min(
          nearest, std::max(align(fourier, a.templates.col(r), b.templates.col(s)).relative_error,
                            std::abs(a.lambda[r] - b.lambda[s]) / std::abs(a.lambda[0])));
    largest = std::max(largest, nearest);
  }
  return largest;
}

}  // namespace popflow::test
