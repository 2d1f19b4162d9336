#pragma once

#include <algorithm>
#include <limits>
#include <set>

#include "popflow/tensor/factors.hpp"

namespace popflow::test {

/// Largest distance between matched columns of two sets of unit vectors of the same rank, up to
/// sign and order. Each column of `a` is matched with the nearest column of `b`. The distance is
/// infinite if two columns of `a` have the same match, or if the shapes disagree.
inline double factor_distance(const Factors& a, const Factors& b) {
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

}  // namespace popflow::test
