#pragma once

#include <cstdint>
#include <random>

#include <Eigen/Core>

namespace popflow::test {

/// Independent numbers in [-1, 1], from a generator other than the library's.
inline Eigen::VectorXd random_values(Eigen::Index size, std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  std::uniform_real_distribution<double> uniform(-1.0, 1.0);
  return Eigen::VectorXd::NullaryExpr(size, [&] { return uniform(generator); });
}

/// random_values scaled to Euclidean norm 1.
inline Eigen::VectorXd random_unit_vector(Eigen::Index size, std::uint64_t seed) {
  return random_values(size, seed).normalized();
}

}  // namespace popflow::test
