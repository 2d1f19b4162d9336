#include "popflow/tensor/factors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

#include <fmt/core.h>

namespace popflow {

namespace {

void check_shape(const Factors& factors) {
  if (factors.vectors.cols() != factors.lambda.size())
    throw std::invalid_argument(fmt::format("factors: {} vectors for {} weights: must be as many",
                                            factors.vectors.cols(), factors.lambda.size()));
}

}  // namespace

Factors normalised(Factors factors) {
  check_shape(factors);
  auto& [lambda, vectors] = factors;
  for (Eigen::Index r = 0; r < lambda.size(); ++r) {
    const double norm = vectors.col(r).norm();
    if (norm == 0.0) {
      lambda[r] = 0.0;
      continue;
    }
    Eigen::Index peak = 0;
    vectors.col(r).cwiseAbs().maxCoeff(&peak);
    vectors.col(r) /= vectors(peak, r) < 0.0 ? -norm : norm;
    lambda[r] *= norm * norm * norm * norm;
  }
  std::vector<Eigen::Index> order(static_cast<std::size_t>(lambda.size()));
  std::iota(order.begin(), order.end(), Eigen::Index{0});
  std::stable_sort(order.begin(), order.end(), [&lambda = lambda](auto a, auto b) {
    return std::abs(lambda[a]) > std::abs(lambda[b]);
  });
  return {lambda(order), vectors(Eigen::all, order)};
}

double inner_product(const Factors& a, const Factors& b) {
  check_shape(a);
  check_shape(b);
  const Eigen::MatrixXd squared = (a.vectors.transpose() * b.vectors).array().square();
  return a.lambda.dot(squared.cwiseAbs2() * b.lambda);
}

double factor_distance(const Factors& a, const Factors& b) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  if (a.rank() != b.rank() || a.dimension() != b.dimension()) return infinite;
  std::vector<bool> taken(static_cast<std::size_t>(b.rank()), false);
  double furthest = 0.0;
  for (Eigen::Index r = 0; r < a.rank(); ++r) {
    Eigen::Index partner = 0;
    const Eigen::VectorXd overlap = b.vectors.transpose() * a.vectors.col(r);
    overlap.cwiseAbs().maxCoeff(&partner);
    if (taken[static_cast<std::size_t>(partner)]) return infinite;
    taken[static_cast<std::size_t>(partner)] = true;
    const double sign = overlap[partner] < 0.0 ? -1.0 : 1.0;
    furthest = std::max(furthest, (a.vectors.col(r) - sign * b.vectors.col(partner)).norm());
  }
  return furthest;
}

}  // namespace popflow
