#pragma once

#include <vector>

#include <Eigen/Core>

namespace popflow::test {

/// Slope of the least-squares line through the points (log x, log y).
inline double log_slope(const std::vector<double>& x, const std::vector<double>& y) {
  const Eigen::ArrayXd a = Eigen::Map<const Eigen::ArrayXd>(x.data(), std::ssize(x)).log();
  const Eigen::ArrayXd b = Eigen::Map<const Eigen::ArrayXd>(y.data(), std::ssize(y)).log();
  return ((a - a.mean()) * (b - b.mean())).sum() / (a - a.mean()).square().sum();
}

}  // namespace popflow::test
