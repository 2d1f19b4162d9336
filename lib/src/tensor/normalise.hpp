#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

#include "popflow/tensor/factors.hpp"

namespace popflow {

/// The positions of the values in order of falling value. Equal values keep their order.
inline std::vector<Eigen::Index> falling_order(const Eigen::VectorXd& values) {
  std::vector<Eigen::Index> order(static_cast<std::size_t>(values.size()));
  std::iota(order.begin(), order.end(), Eigen::Index{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](Eigen::Index a, Eigen::Index b) { return values[a] > values[b]; });
  return order;
}

/// Replaces factors by normalised(factors). Entry r of the result is the position of the entry of
/// largest magnitude of the new vector r.
inline std::vector<Eigen::Index> normalise(Factors& factors) {
  auto& [lambda, vectors] = factors;
  std::vector<Eigen::Index> peaks(static_cast<std::size_t>(lambda.size())), ordered_peaks;
  for (Eigen::Index r = 0; r < lambda.size(); ++r) {
    const double norm = vectors.col(r).norm();
    if (norm == 0.0) {
      lambda[r] = 0.0;
      continue;
    }
    Eigen::Index& peak = peaks[static_cast<std::size_t>(r)];
    vectors.col(r).cwiseAbs().maxCoeff(&peak);
    vectors.col(r) /= vectors(peak, r) < 0.0 ? -norm : norm;
    lambda[r] *= norm * norm * norm * norm;
  }
  const std::vector<Eigen::Index> order = falling_order(lambda.cwiseAbs());
  for (Eigen::Index r : order) ordered_peaks.push_back(peaks[static_cast<std::size_t>(r)]);
  factors = {lambda(order), vectors(Eigen::all, order)};
  return ordered_peaks;
}

}  // namespace popflow
