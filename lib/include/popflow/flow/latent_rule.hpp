#pragma once

#include <vector>

#include "popflow/lattice/eigen.hpp"
#include "popflow/lattice/lanes.hpp"

namespace popflow {

/// A quadrature rule for averages over s, standard normal in r dimensions, of functions that are
/// steep along given slopes. It is the trapezoid rule on the lattice whose reciprocal lattice is
/// the densest packing of ellipsoids that hold the slopes (Eq. 92). One node stands for both s and
/// -s.
///
/// Nodes are stored in blocks of as many as there are lanes, as kernels need them. The last block
/// is filled up with nodes s = 0 of weight 0.
///
/// Nothing is allocated after construction, except for more than 1e5 nodes.
class LatentRule {
 public:
  /// For up to `most_latents` dimensions, from 1 to 4, and up to `most_slopes` slopes. The
  /// tolerance is relative, below 1.
  LatentRule(int most_latents, Eigen::Index most_slopes, double tolerance);

  /// Sets the rule for the slopes in the columns of `a`, r x n: for functions erf(a . s / sqrt 2)
  /// of these slopes, and for products of such functions whose a a^T add up to an average over
  /// columns. Slopes that are not finite give the rule for no slopes.
  void choose(const Eigen::Ref<const Eigen::MatrixXd>& a);

  /// The number of nodes s and -s together; s = 0 counts twice.
  int nodes() const { return nodes_; }

  int blocks() const { return static_cast<int>(weight_.size()) / lanes; }

  /// r x lanes: s of one block.
  const double* block(int b) const {
    return node_.data() + static_cast<std::ptrdiff_t>(b) * r_ * lanes;
  }

  /// The weight of every lane of a block; s and -s have the same. The sum over both signs and all
  /// blocks is 1.
  const double* weights(int b) const { return weight_.data() + std::ptrdiff_t{b} * lanes; }

 private:
  using Small = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor, 4, 4>;
  using Point = Eigen::Matrix<double, Eigen::Dynamic, 1, Eigen::ColMajor, 4, 1>;

  Small ellipsoid(const Eigen::Ref<const Eigen::MatrixXd>& a);
  Small lattice(const Small& A) const;
  void enumerate(const Small& G);
  void add(const Point& t, bool zero);

  double decay_;          // 2.8 ln 1/eps
  double radius_, most_;  // of s, and of t, which is a lattice point
  int r_ = 1, nodes_ = 0, count_ = 0;
  Eigen::VectorXd share_;  // of every slope in the ellipsoid
  std::vector<double> node_, weight_;
};

}  // namespace popflow
