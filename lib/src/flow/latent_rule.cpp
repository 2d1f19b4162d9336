#include "popflow/flow/latent_rule.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <Eigen/Cholesky>
#include <Eigen/LU>

namespace popflow {

namespace {

constexpr double most_nodes = 1e5;  // of both signs, about: sign fields may ask for any number
constexpr int ellipsoid_steps = 20;

// In columns, bases of the lattices that are the densest packings of spheres in 1 to 4 dimensions,
// of least squared distance 2: A1, A2, D3 and D4. They are their own mirror images along every
// axis, because the sign of a latent direction has no meaning.
template <class Matrix>
Matrix densest_packing(Eigen::Index r) {
  using std::numbers::sqrt2, std::numbers::sqrt3;
  Matrix roots = Matrix::Zero(r, r);
  if (r <= 2) {
    roots(0, 0) = sqrt2;
    if (r == 2) roots.col(1) << -0.5 * sqrt2, 0.5 * sqrt2 * sqrt3;
    return roots;
  }
  for (Eigen::Index k = 0; k < r; ++k) {
    roots(k, k) = 1.0;
    if (k + 1 < r) roots(k + 1, k) = -1.0;
  }
  roots(r - 2, r - 1) = 1.0;
  return roots;
}

}  // namespace

LatentRule::LatentRule(int most_latents, Eigen::Index most_slopes, double tolerance)
    : decay_(-2.8 * std::log(tolerance)),
      radius_(0.75 + std::sqrt(-2.0 * std::log(tolerance))),
      most_(2.0 * (std::numbers::sqrt2 - 1.0) * radius_),
      share_(most_slopes) {
  const auto pairs = static_cast<std::size_t>(0.5 * most_nodes);
  node_.reserve(pairs * static_cast<std::size_t>(most_latents));
  weight_.reserve(pairs);
}

void LatentRule::choose(const Eigen::Ref<const Eigen::MatrixXd>& a) {
  r_ = static_cast<int>(a.rows());
  Small A = ellipsoid(a);
  if (!A.allFinite()) A.setZero();  // averages over such slopes are NaN anyway
  enumerate(lattice(A));
  double sum = 0.0;
  for (const double weight : weight_) sum += 2.0 * weight;
  for (double& weight : weight_) weight /= sum;
}

// A with a_j . A^-1 a_j <= 1 for all slopes a_j, of nearly the smallest determinant. It is a
// weighted covariance of the slopes, with more weight for slopes that stick out [Titterington1978].
LatentRule::Small LatentRule::ellipsoid(const Eigen::Ref<const Eigen::MatrixXd>& a) {
  const Eigen::Index n = a.cols();
  const double least = 1e-3 * a.squaredNorm() / static_cast<double>(n * r_) + 1e-12;
  auto share = share_.head(n);
  share.setConstant(1.0 / static_cast<double>(n));
  Small A(r_, r_), inverse(r_, r_);
  double most = 0.0;
  for (int step = 0; step < ellipsoid_steps; ++step) {
    A = least * Small::Identity(r_, r_);
    for (Eigen::Index j = 0; j < n; ++j) A += share[j] * a.col(j).lazyProduct(a.col(j).transpose());
    inverse = A.llt().solve(Small::Identity(r_, r_));
    most = 0.0;
    double sum = 0.0;
    for (Eigen::Index j = 0; j < n; ++j) {
      const double out = a.col(j).dot(inverse.lazyProduct(a.col(j)));
      most = std::max(most, out);
      share[j] *= out;
      sum += share[j];
    }
    if (sum > 0.0) share /= sum;
  }
  return most * A;
}

// The basis, in columns, of the lattice whose reciprocal vectors w have w . (1 + A)^-1 w >= decay_.
LatentRule::Small LatentRule::lattice(const Small& A) const {
  const Small K = Small(Small::Identity(r_, r_) + A).llt().matrixL();
  const Small roots = densest_packing<Small>(r_).transpose();
  Small G = (2.0 * std::numbers::pi * std::sqrt(2.0 / decay_)) * roots.inverse();
  K.transpose().triangularView<Eigen::Upper>().solveInPlace(G);
  constexpr std::array<double, 4> unit_balls{2.0, 3.14159, 4.18879, 4.93480};
  const double nodes = unit_balls[static_cast<std::size_t>(r_ - 1)] * std::pow(most_, r_) /
                       std::abs(G.determinant());
  if (nodes > most_nodes) G *= std::pow(nodes / most_nodes, 1.0 / r_);
  return G;
}

// All n with |G n| <= most_, one of each pair n, -n. Coordinates are enumerated from the last to
// the first, each between the bounds that the later ones leave [FinckePohst1985].
void LatentRule::enumerate(const Small& G) {
  const Small U = Small(G.transpose() * G).llt().matrixU();
  node_.clear();
  weight_.clear();
  nodes_ = count_ = 0;
  Point n = Point::Zero(r_), last = Point::Zero(r_);
  const auto enter = [&](Eigen::Index i) {  // |t|^2 = sum_i (U_ii n_i + sum_j>i U_ij n_j)^2
    double rest = most_ * most_, shift = 0.0;
    bool zero = true;
    for (Eigen::Index k = r_ - 1; k > i; --k) {
      zero = zero && n[k] == 0.0;
      const double part = U.row(k).tail(r_ - k).dot(n.tail(r_ - k));
      rest -= part * part;
    }
    for (Eigen::Index k = i + 1; k < r_; ++k) shift += U(i, k) * n[k];
    const double reach = std::sqrt(std::max(0.0, rest));
    n[i] = zero ? 0.0 : std::ceil((-reach - shift) / U(i, i));
    last[i] = std::floor((reach - shift) / U(i, i));
  };
  Eigen::Index i = r_ - 1;
  enter(i);
  for (;;) {
    if (n[i] > last[i]) {
      if (++i == r_) break;
      n[i] += 1.0;
    } else if (i > 0) {
      enter(--i);
    } else {
      add(G.lazyProduct(n), n.isZero(0.0));
      n[0] += 1.0;
    }
  }
}

// s = t / (1 - |t|^2 / 4 R^2): far from the centre, where the weight is small and larger errors are
// allowed, the lattice is coarser.
void LatentRule::add(const Point& t, bool zero) {
  const int lane = count_++ % lanes;
  if (lane == 0) {
    node_.resize(node_.size() + static_cast<std::size_t>(r_) * lanes);
    weight_.resize(weight_.size() + lanes);
  }
  const double tau = 0.25 * t.squaredNorm() / (radius_ * radius_), phi = 1.0 / (1.0 - tau);
  double* const to = node_.data() + node_.size() - static_cast<std::size_t>(r_) * lanes + lane;
  for (int k = 0; k < r_; ++k) to[std::ptrdiff_t{k} * lanes] = phi * t[k];
  const double jacobian = std::pow(phi, r_) * (1.0 + 2.0 * tau * phi);
  weight_[weight_.size() - lanes + static_cast<std::size_t>(lane)] =
      (zero ? 0.5 : 1.0) * jacobian * std::exp(-0.5 * phi * phi * t.squaredNorm());
  nodes_ += 2;
}

}  // namespace popflow
