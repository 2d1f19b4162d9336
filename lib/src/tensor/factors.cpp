#include "popflow/tensor/factors.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <stdexcept>

#include <fmt/core.h>

#include "tensor/normalise.hpp"

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
  normalise(factors);
  return factors;
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
  std::set<Eigen::Index> partners;
  double furthest = 0.0;
  for (Eigen::Index r = 0; r < a.rank(); ++r) {
    Eigen::Index partner = 0;
    const Eigen::VectorXd overlap = b.vectors.transpose() * a.vectors.col(r);
    overlap.cwiseAbs().maxCoeff(&partner);
    if (!partners.insert(partner).second) return infinite;
    const double sign = overlap[partner] < 0.0 ? -1.0 : 1.0;
    furthest = std::max(furthest, (a.vectors.col(r) - sign * b.vectors.col(partner)).norm());
  }
  return furthest;
}

}  // namespace popflow
