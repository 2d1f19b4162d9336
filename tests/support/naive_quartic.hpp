#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include <Eigen/Core>

#include "popflow/tensor/factors.hpp"

namespace popflow::test {

/// A fourth-order tensor over R^n, any entry on demand; no symmetry is used.
struct NaiveQuartic {
  int dimension;
  std::function<double(int, int, int, int)> entry;
};

/// sum_r lambda_r x_r^(x4), term by term.
inline NaiveQuartic naive_quartic(const Factors& factors) {
  return {static_cast<int>(factors.dimension()), [factors](int i, int j, int k, int l) {
            double sum = 0.0;
            for (Eigen::Index r = 0; r < factors.rank(); ++r) {
              const auto x = factors.vectors.col(r);
              sum += factors.lambda[r] * x[i] * x[j] * x[k] * x[l];
            }
            return sum;
          }};
}

template <class Visit>
void for_all_entries(const NaiveQuartic& tensor, Visit visit) {
  const int n = tensor.dimension;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j)
      for (int k = 0; k < n; ++k)
        for (int l = 0; l < n; ++l) visit(i, j, k, l, tensor.entry(i, j, k, l));
}

/// <A, B> = sum_ijkl A_ijkl B_ijkl.
inline double naive_inner_product(const NaiveQuartic& a, const NaiveQuartic& b) {
  double sum = 0.0;
  for_all_entries(
      a, [&](int i, int j, int k, int l, double value) { sum += value * b.entry(i, j, k, l); });
  return sum;
}

/// |A - B|, Frobenius.
inline double naive_distance(const NaiveQuartic& a, const NaiveQuartic& b) {
  double sum = 0.0;
  for_all_entries(a, [&](int i, int j, int k, int l, double value) {
    sum += std::pow(value - b.entry(i, j, k, l), 2);
  });
  return std::sqrt(sum);
}

/// T[x, x, x, .], by n^4 terms.
inline Eigen::VectorXd naive_image(const NaiveQuartic& tensor, const Eigen::VectorXd& x) {
  Eigen::VectorXd image = Eigen::VectorXd::Zero(tensor.dimension);
  for_all_entries(tensor, [&](int i, int j, int k, int l, double value) {
    image[l] += value * x[i] * x[j] * x[k];
  });
  return image;
}

}  // namespace popflow::test
