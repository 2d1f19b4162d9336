#pragma once

#include <cstddef>

#include <Eigen/Core>

#include "popflow/moments/cumulant_table.hpp"
#include "popflow/tensor/factors.hpp"

namespace popflow {

/// A dense symmetric fourth-order tensor over R^n, stored as the symmetric matrix between unordered
/// pairs of indices: (n (n + 1) / 2)^2 doubles. A QuarticForm; R columns cost O(R n^4 / 2).
class SymmetricTensor {
 public:
  /// Throws std::length_error, with the size in its message, if more than `memory_limit` bytes are
  /// needed.
  explicit SymmetricTensor(const CumulantTable& table,
                           std::size_t memory_limit = std::size_t{1} << 30);
  explicit SymmetricTensor(const Factors& factors, std::size_t memory_limit = std::size_t{1} << 30);

  Eigen::Index dimension() const { return dimension_; }

  double operator()(int i, int j, int k, int l) const { return pairs_(pair(i, j), pair(k, l)); }

  /// Sum of the squares of all n^4 entries.
  double squared_norm() const;

  void contract(const Eigen::MatrixXd& X, Eigen::MatrixXd& out);

  /// The matrix between unordered pairs, in an orthonormal basis of the symmetric matrices. Pair
  /// (i, j) stands for E_ii if i = j, and for (E_ij + E_ji) / sqrt 2 otherwise. The eigenvalues are
  /// therefore those of T as a linear map of symmetric matrices. The order of the pairs is (0,0),
  /// (0,1), ..., (0,n-1), (1,1), ...
  Eigen::MatrixXd flattening() const;

  /// Position of the unordered pair {i, j} in this order.
  Eigen::Index pair(Eigen::Index i, Eigen::Index j) const;

 private:
  SymmetricTensor(Eigen::Index dimension, std::size_t memory_limit);

  Eigen::Index dimension_;
  Eigen::MatrixXd pairs_;
  Eigen::MatrixXd products_, images_;  // scratch
};

}  // namespace popflow
