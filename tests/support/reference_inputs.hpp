#pragma once

#include <vector>

#include "popflow/input/correlation.hpp"
#include "popflow/input/nonlinear_gaussian_field.hpp"

namespace popflow::test {

/// The non-linear Gaussian field of gain `gain` over a periodised Gaussian correlation of length
/// `xi`.
inline NonlinearGaussianField nlgp(const std::vector<int>& shape, double gain, double xi) {
  const Torus torus(shape);
  return {GaussianField(torus, gaussian_correlation(torus, xi)), gain};
}

}  // namespace popflow::test
