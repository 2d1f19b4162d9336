#include "popflow/tensor/subspace_power.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "popflow/input/random_stream.hpp"
#include "popflow/moments/interrupted.hpp"
#include "popflow/tensor/signed_weights.hpp"

#include "lattice/symmetric_eigen.hpp"
#include "tensor/normalise.hpp"

namespace popflow {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Eigenvalues in order of falling magnitude, with the eigenvectors as columns.
struct Eigensystem {
  VectorXd d;
  MatrixXd V;
};

Eigensystem by_magnitude(const MatrixXd& symmetric) {
  const SymmetricEigen solver = symmetric_eigen(symmetric);
  const VectorXd& d = solver.eigenvalues();
  const std::vector<Index> order = falling_order(d.cwiseAbs());
  return {d(order), solver.eigenvectors()(Eigen::all, order)};
}

// Each column of `pairs` is a symmetric n x n matrix over unordered pairs. The result has all
// entries of the matrices, each column by column: n^2 x R.
MatrixXd unfolded(const SymmetricTensor& tensor, const MatrixXd& pairs) {
  const Index n = tensor.dimension();
  MatrixXd matrices(n * n, pairs.cols());
  for (Index j = 0; j < n; ++j)
    for (Index i = 0; i < n; ++i)
      matrices.row(i + n * j) = pairs.row(tensor.pair(i, j)) * (i == j ? 1.0 : std::sqrt(0.5));
  return matrices;
}

// The operator sum_r d_r V_r (x) V_r with R orthonormal symmetric matrices V_r, which are the
// columns of the n^2 x R matrix `basis`. P projects onto their span.
struct Subspace {
  VectorXd d;
  MatrixXd basis;

  // A unit vector x and alpha_r = V_r : x x^T.
  struct Point {
    VectorXd x, alpha;
    double objective() const { return alpha.squaredNorm(); }  // |P(x x^T)|^2 in [0, 1]
  };

  Point at(const VectorXd& x) const {
    const VectorXd unit = x.normalized();
    const MatrixXd square = unit * unit.transpose();
    return {unit, basis.transpose() * square.reshaped()};
  }

  // Climbs to a maximum of the objective by x <- P(x x^T) x + x / 2, normalised. The objective
  // never falls, because |P(x x^T)|^2 + |x|^4 / 2 is convex. Its second derivative along y, divided
  // by four, is
  //
  //     P(x x^T) : y y^T + |P(x y^T + y x^T)|^2 / 2 + |x|^2 |y|^2 / 2 + (x . y)^2
  //
  // and for unit vectors the first term is at least -|x x^T - y y^T|^2 / 4 >= -1/2.
  Point climbed(Point point, const SubspacePowerOptions& options) const {
    constexpr double shift = 0.5;
    for (int k = 0; k < options.iterations && !is_interrupted(options.interrupted); ++k) {
      const VectorXd projected = basis * point.alpha;
      const Index n = point.x.size();
      Point next = at(projected.reshaped(n, n) * point.x + shift * point.x);
      const double moved = (next.x - point.x).norm();
      point = std::move(next);
      if (moved < options.tolerance) break;
    }
    return point;
  }

  // Subtracts the multiple lambda of x x^T (x) x x^T that lowers the rank: with D the diagonal
  // matrix of the d_r, D - lambda alpha alpha^T is singular at 1 / lambda = alpha^T D^-1 alpha.
  void deflate(const Point& point) {
    const double lambda = 1.0 / point.alpha.cwiseAbs2().cwiseQuotient(d).sum();
    MatrixXd core = d.asDiagonal();
    core -= lambda * point.alpha * point.alpha.transpose();
    const Eigensystem system = by_magnitude(core);
    d = system.d.head(d.size() - 1);
    basis *= system.V.leftCols(d.size());
  }
};

// The best result of several starts. `starts` counts all starts; it is also the number of the next.
Subspace::Point square_within(const Subspace& subspace, Index n,
                              const SubspacePowerOptions& options, int& starts) {
  Subspace::Point best;
  for (int k = 0; k < options.starts; ++k) {
    VectorXd start(n);
    RandomStream(options.seed, Purpose::decomposition, static_cast<std::uint64_t>(starts++))
        .fill_normal(start);
    Subspace::Point point = subspace.climbed(subspace.at(start), options);
    if (k == 0 || point.objective() > best.objective()) best = std::move(point);
    if (best.objective() > 1.0 - options.acceptance || is_interrupted(options.interrupted)) break;
  }
  return best;
}

// Sets the weights to their optimum and computes the error (Eq. 28).
void refit(const SymmetricTensor& tensor, const MatrixXd& flattening, SubspacePowerFit& fit) {
  MatrixXd& X = fit.factors.vectors;
  MatrixXd image(X.rows(), X.cols());
  SymmetricTensor(tensor).contract(X, image);
  const auto [signs, scale] = optimal_weights((X.transpose() * X).array().square().square(),
                                              X.cwiseProduct(image).colwise().sum());
  fit.factors = normalised({signs, X * scale.asDiagonal()});
  // The norm of a difference of tensors. A difference of squared norms would not resolve errors
  // below 1e-8.
  constexpr std::size_t any = std::numeric_limits<std::size_t>::max();
  fit.relative_error =
      (flattening - SymmetricTensor(fit.factors, any).flattening()).norm() / flattening.norm();
}

void check(const SymmetricTensor& tensor, const SubspacePowerOptions& options) {
  if (options.rank < 0) throw std::invalid_argument("rank: must be at least 1, or 0 for any");
  if (!(options.threshold > 0.0 && options.threshold < 1.0))
    throw std::invalid_argument(
        fmt::format("threshold {}: must be between 0 and 1", options.threshold));
  if (options.starts < 1 || options.iterations < 1)
    throw std::invalid_argument("starts and iterations: there must be at least one");
  if (!(tensor.squared_norm() > 0.0))
    throw std::invalid_argument("a tensor of zeros has no factors");
}

}  // namespace

SubspacePowerFit subspace_power(const SymmetricTensor& tensor,
                                const SubspacePowerOptions& options) {
  check(tensor, options);
  const Index n = tensor.dimension();
  const MatrixXd flattening = tensor.flattening();
  const Eigensystem system = by_magnitude(flattening);
  const VectorXd size = system.d.cwiseAbs();
  Index rank = (size.array() > options.threshold * size[0]).count();
  if (options.rank > 0) rank = std::min<Index>(rank, options.rank);

  Subspace subspace{system.d.head(rank), unfolded(tensor, system.V.leftCols(rank))};
  SubspacePowerFit fit{{{}, MatrixXd(n, rank)}, 0.0, 0.0, 1.0, 0};
  if (rank < size.size()) fit.spectral_ratio = size[rank] / size[rank - 1];
  for (Index r = 0; r < rank; ++r) {
    const Subspace::Point point = square_within(subspace, n, options, fit.starts);
    fit.factors.vectors.col(r) = point.x;
    fit.least_objective = std::min(fit.least_objective, point.objective());
    subspace.deflate(point);
  }
  refit(tensor, flattening, fit);
  return fit;
}

}  // namespace popflow
