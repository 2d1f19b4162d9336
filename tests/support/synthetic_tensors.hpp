#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <Eigen/Core>
#include <Eigen/QR>

#include "popflow/tensor/factors.hpp"

#include "random_values.hpp"

namespace popflow::test {

/// n x R random unit vectors.
inline Eigen::MatrixXd random_directions(int dimension, int rank, std::uint64_t seed) {
  const Eigen::MatrixXd values =
      random_values(static_cast<Eigen::Index>(dimension) * rank, seed).reshaped(dimension, rank);
  return values.colwise().normalized();
}

/// n x R orthonormal vectors, R <= n.
inline Eigen::MatrixXd orthonormal_directions(int dimension, int rank, std::uint64_t seed) {
  const Eigen::MatrixXd square = random_directions(dimension, dimension, seed);
  const Eigen::MatrixXd Q = square.householderQr().householderQ();
  return Q.leftCols(rank);
}

/// Weights of magnitude 1/2 to 3/2, all positive, or of signs in turn.
inline Eigen::VectorXd random_lambda(int rank, std::uint64_t seed, bool mixed_signs) {
  Eigen::VectorXd lambda = 1.0 + 0.5 * random_values(rank, seed).array();
  if (mixed_signs)
    for (int r = 1; r < rank; r += 2) lambda[r] *= -1.0;
  return lambda;
}

/// A tensor of known factors, and what to call it.
struct SyntheticTensor {
  std::string name;
  Factors factors;  ///< normalised()
  bool orthogonal;
};

/// Orthogonal, random, overcomplete by 1.5, each with weights of one sign and of mixed signs: all
/// of unique factors.
inline std::vector<SyntheticTensor> synthetic_tensors(std::uint64_t seed = 1) {
  std::vector<SyntheticTensor> tensors;
  for (bool mixed : {false, true}) {
    const std::string signs = mixed ? ", mixed signs" : "";
    const auto add = [&](const std::string& name, const Eigen::MatrixXd& vectors, bool orthogonal) {
      const int rank = static_cast<int>(vectors.cols());
      tensors.push_back({name + signs,
                         normalised({random_lambda(rank, 10 * seed + 7, mixed), vectors}),
                         orthogonal});
    };
    add("orthogonal, n = 15, R = 7", orthonormal_directions(15, 7, 10 * seed), true);
    add("orthogonal, n = 15, R = 15", orthonormal_directions(15, 15, 10 * seed + 1), true);
    add("random, n = 10, R = 6", random_directions(10, 6, 10 * seed + 2), false);
    add("random, n = 10, R = 10", random_directions(10, 10, 10 * seed + 3), false);
    add("overcomplete, n = 8, R = 12", random_directions(8, 12, 10 * seed + 4), false);
  }
  return tensors;
}

}  // namespace popflow::test
