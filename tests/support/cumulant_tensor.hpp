#pragma once

#include <Eigen/Core>

#include "popflow/lattice/torus.hpp"
#include "popflow/moments/fourth_cumulant.hpp"

namespace popflow::test {

/// Every kappa(a, b, c), row-major, each computed on its own: no symmetry is used.
inline Eigen::VectorXd cumulant_tensor(const FourthCumulant& kappa) {
  const Eigen::Index n = kappa.torus().sites();
  Eigen::VectorXd tensor(n * n * n);
  Eigen::Index entry = 0;
  for (int a = 0; a < n; ++a)
    for (int b = 0; b < n; ++b)
      for (int c = 0; c < n; ++c) tensor[entry++] = kappa(a, b, c);
  return tensor;
}

/// kappa_i[u, v, w] = sum_abc kappa(a, b, c) u_{i+a} v_{i+b} w_{i+c}, term by term.
inline Field naive_contraction(const Torus& torus, const Eigen::VectorXd& tensor, const Field& u,
                               const Field& v, const Field& w) {
  const int n = torus.sites();
  Field result = Field::Zero(n);
  for (int i = 0; i < n; ++i) {
    Eigen::Index entry = 0;
    for (int a = 0; a < n; ++a)
      for (int b = 0; b < n; ++b)
        for (int c = 0; c < n; ++c)
          result[i] +=
              tensor[entry++] * u[torus.add(i, a)] * v[torus.add(i, b)] * w[torus.add(i, c)];
  }
  return result;
}

}  // namespace popflow::test
