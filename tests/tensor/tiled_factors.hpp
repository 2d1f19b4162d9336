#pragma once

#include <cstdint>
#include <vector>

#include "popflow/moments/fourth_cumulant.hpp"
#include "popflow/tensor/tiled_cumulant.hpp"

#include "cumulant_tensor.hpp"
#include "random_values.hpp"

namespace popflow::test {

/// R random templates without any symmetry, with weights 1, -0.8, 0.6, ...
inline TiledFactors random_tiled_factors(const std::vector<int>& shape, int rank,
                                         std::uint64_t seed) {
  const Torus torus(shape);
  const int n = torus.sites();
  TiledFactors factors{torus, Eigen::VectorXd(rank), random_values(Eigen::Index{n} * rank, seed)};
  factors.templates.resize(n, rank);
  for (int r = 0; r < rank; ++r) factors.lambda[r] = (r % 2 == 0 ? 1.0 : -1.0) * (1.0 - 0.2 * r);
  return factors;
}

/// The tiled form as the fourth cumulant of a law whose second moments vanish.
inline FourthCumulant fourth_cumulant_of(const TiledFactors& factors) {
  return {factors.torus, Field::Zero(factors.torus.sites()),
          [factors](int a, int b, int c) { return factors(a, b, c); }};
}

/// |kappa - tiled| / |kappa| over the whole `tensor` kappa(a, b, c), N^3 entries.
inline double error_of(const TiledFactors& factors, const Eigen::VectorXd& tensor) {
  return (cumulant_tensor(fourth_cumulant_of(factors)) - tensor).norm() / tensor.norm();
}

}  // namespace popflow::test
