#pragma once

#include <algorithm>
#include <limits>

#include "popflow/measure/alignment.hpp"
#include "popflow/tensor/tiled_cumulant.hpp"

namespace popflow::test {

/// Largest distance between two tiled forms of the same rank. A template of `a` is compared with
/// every template of `b`: the distance of a pair is the larger one of the distance of the unit
/// templates, up to shift and sign, and of the weights, relative to |lambda_1|. The nearest
/// template of `b` counts.
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
