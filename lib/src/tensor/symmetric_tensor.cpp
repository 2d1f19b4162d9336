#include "popflow/tensor/symmetric_tensor.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "popflow/threads/parallel_for.hpp"

namespace popflow {

namespace {

Eigen::Index pair_count(Eigen::Index n, std::size_t memory_limit) {
  const double pairs = 0.5 * static_cast<double>(n) * static_cast<double>(n + 1);
  const double bytes = pairs * pairs * sizeof(double);
  if (bytes > static_cast<double>(memory_limit))
    throw std::length_error(fmt::format(
        "a dense symmetric tensor over {} sites needs {:.2f} GiB: at most {:.2f} GiB are allowed",
        n, bytes / std::exp2(30), static_cast<double>(memory_limit) / std::exp2(30)));
  return static_cast<Eigen::Index>(pairs);
}

// The number of ordered pairs for every unordered pair: 1 or 2.
Eigen::VectorXd pair_multiplicity(Eigen::Index n) {
  Eigen::VectorXd multiplicity(n * (n + 1) / 2);
  Eigen::Index p = 0;
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = i; j < n; ++j) multiplicity[p++] = i == j ? 1.0 : 2.0;
  return multiplicity;
}

// Column r: x_i x_j of column x_r over the unordered pairs, times the multiplicity of the pair.
void pair_products(const Eigen::MatrixXd& X, Eigen::MatrixXd& products) {
  const Eigen::Index n = X.rows();
  for (Eigen::Index r = 0; r < X.cols(); ++r)
    for (Eigen::Index i = 0, p = 0; i < n; p += n - i, ++i) {
      products(p, r) = X(i, r) * X(i, r);
      products.col(r).segment(p + 1, n - i - 1) = 2.0 * X(i, r) * X.col(r).tail(n - i - 1);
    }
}

// Column r of `out`: the symmetric matrix with the unordered pairs of column r of `images`, times
// x_r.
void apply_pairs(const Eigen::MatrixXd& images, const Eigen::MatrixXd& X, Eigen::MatrixXd& out) {
  const Eigen::Index n = X.rows();
  out.setZero();
  for (Eigen::Index r = 0; r < X.cols(); ++r)
    for (Eigen::Index i = 0, p = 0; i < n; p += n - i, ++i) {
      const auto row = images.col(r).segment(p, n - i);  // pairs (i, i), (i, i + 1), ...
      out(i, r) += row.dot(X.col(r).tail(n - i));
      out.col(r).tail(n - i - 1) += X(i, r) * row.tail(n - i - 1);
    }
}

}  // namespace

SymmetricTensor::SymmetricTensor(Eigen::Index dimension, std::size_t memory_limit)
    : dimension_(dimension) {
  const Eigen::Index pairs = pair_count(dimension, memory_limit);
  pairs_.resize(pairs, pairs);
}

SymmetricTensor::SymmetricTensor(const CumulantTable& table, std::size_t memory_limit)
    : SymmetricTensor(table.torus().sites(), memory_limit) {
  const Torus& torus = table.torus();
  parallel_for(torus.sites(), [&](int k) {
    for (int l = k; l < torus.sites(); ++l)
      for (int i = 0; i < torus.sites(); ++i)
        for (int j = i; j < torus.sites(); ++j) {
          const int back = torus.negate(i);
          pairs_(pair(i, j), pair(k, l)) =
              table(torus.add(j, back), torus.add(k, back), torus.add(l, back));
        }
  });
}

SymmetricTensor::SymmetricTensor(const Factors& factors, std::size_t memory_limit)
    : SymmetricTensor(factors.dimension(), memory_limit) {
  Eigen::MatrixXd products(pairs_.rows(), factors.rank());
  pair_products(factors.vectors, products);
  products = pair_multiplicity(dimension_).cwiseInverse().asDiagonal() * products;
  pairs_.noalias() = products * factors.lambda.asDiagonal() * products.transpose();
}

Eigen::Index SymmetricTensor::pair(Eigen::Index i, Eigen::Index j) const {
  if (i > j) std::swap(i, j);
  return i * dimension_ - i * (i - 1) / 2 + (j - i);
}

double SymmetricTensor::squared_norm() const {
  const Eigen::VectorXd multiplicity = pair_multiplicity(dimension_);
  double sum = 0.0;
  for (Eigen::Index q = 0; q < pairs_.cols(); ++q)
    sum += multiplicity[q] * multiplicity.dot(pairs_.col(q).cwiseAbs2());
  return sum;
}

void SymmetricTensor::contract(const Eigen::MatrixXd& X, Eigen::MatrixXd& out) {
  products_.resize(pairs_.rows(), X.cols());
  images_.resize(pairs_.rows(), X.cols());
  pair_products(X, products_);
  // Products of Eigen are serial here (EIGEN_DONT_PARALLELIZE). Threads share blocks of rows; every
  // block is the same sum on any thread.
  constexpr Eigen::Index block = 128;
  const Eigen::Index blocks = (pairs_.rows() + block - 1) / block;
  parallel_for(blocks, [&](Eigen::Index b) {
    const Eigen::Index first = b * block, count = std::min(block, pairs_.rows() - first);
    images_.middleRows(first, count).noalias() =
        pairs_.middleCols(first, count).transpose() * products_;
  });
  apply_pairs(images_, X, out);
}

Eigen::MatrixXd SymmetricTensor::flattening() const {
  const Eigen::VectorXd scale = pair_multiplicity(dimension_).cwiseSqrt();
  return scale.asDiagonal() * pairs_ * scale.asDiagonal();
}

}  // namespace popflow
