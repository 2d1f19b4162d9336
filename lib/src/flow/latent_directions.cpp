#include "popflow/flow/latent_directions.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/core.h>

#include "lattice/symmetric_eigen.hpp"

namespace popflow {

namespace {

constexpr double least_mode_variance = 1e-4;  // of a mode, relative to the largest
constexpr double most_rho = 0.99;             // keeps atanh finite at infinite gain
constexpr int steps = 3;

Eigen::MatrixXd modes_of(const Torus& torus, const Field& covariance) {
  const int N = torus.sites();
  Eigen::MatrixXd C(N, N);
  for (int i = 0; i < N; ++i) C.row(i) = shifted(torus, covariance, i);
  const SymmetricEigen modes = symmetric_eigen(C);
  const Eigen::VectorXd& variance = modes.eigenvalues();  // increasing
  const Eigen::Index kept = (variance.array() > least_mode_variance * variance[N - 1]).count();
  return modes.eigenvectors().rightCols(kept) * variance.tail(kept).cwiseSqrt().asDiagonal();
}

// Gram-Schmidt. A column that depends on the columns before it becomes zero: a direction that
// explains nothing.
void orthonormalise(Eigen::Ref<Eigen::MatrixXd> c) {
  for (Eigen::Index r = 0; r < c.cols(); ++r) {
    const double before = c.col(r).norm();
    for (int twice = 0; twice < 2; ++twice)
      for (Eigen::Index s = 0; s < r; ++s) c.col(r) -= c.col(s).dot(c.col(r)) * c.col(s);
    const double after = c.col(r).norm();
    if (after > 1e-12 * before)
      c.col(r) /= after;
    else
      c.col(r).setZero();
  }
}

}  // namespace

LatentDirections::LatentDirections(const Torus& torus, const Field& covariance, double rho,
                                   int most)
    : rho_(std::min(rho, most_rho)) {
  const int N = torus.sites();
  if (covariance.size() != N || std::abs(covariance[0] - 1.0) > 1e-12)
    throw std::invalid_argument("latent covariance: must have an entry a site, and variance 1");
  if (most < 1 || most > N)
    throw std::invalid_argument(
        fmt::format("{} latent directions: must be from 1 to the number of sites, {}", most, N));
  E_ = modes_of(torus, covariance);
  scaled_.resize(N, modes());
  kernel_.resize(modes(), modes());
  X_.resize(N, N);
  m_.resize(N, most);
  ascent_.resize(N, most);
  weight_.resize(N);
  // It solves any problem here, because a solver that has solved nothing cannot be copied.
  if (most > 1) solver_ = symmetric_eigen(Eigen::MatrixXd::Identity(modes(), modes()));
}

void LatentDirections::operator()(const Eigen::Ref<const Field>& u, Eigen::Ref<Eigen::MatrixXd> c) {
  if (c.rows() != modes() || c.cols() < 1 || c.cols() > std::min<Eigen::Index>(m_.cols(), modes()))
    throw std::invalid_argument(fmt::format("latent directions: {} x {}: must be {} x 1 to {}",
                                            c.rows(), c.cols(), modes(),
                                            std::min<Eigen::Index>(m_.cols(), modes())));
  start(u, c);
  for (int step = 0; step < steps; ++step) climb(u, c);
}

// The best linear predictor of u . z, and the principal components, where u is large, of the part
// of the field that the predictor does not explain (Eq. 87).
void LatentDirections::start(const Eigen::Ref<const Field>& u, Eigen::Ref<Eigen::MatrixXd> c) {
  c.col(0).noalias() = E_.transpose() * u;
  c.col(0).normalize();
  if (c.cols() == 1) return;
  weight_.noalias() = E_ * c.col(0);
  scaled_ = E_;
  scaled_.noalias() -= weight_ * c.col(0).transpose();
  weight_ = (weight_.array() * u.array()).abs().sqrt();
  scaled_.array().colwise() *= weight_.array();
  kernel_.noalias() = scaled_.transpose() * scaled_;
  symmetric_eigen(kernel_, *solver_);
  for (Eigen::Index r = 1; r < c.cols(); ++r) c.col(r) = solver_->eigenvectors().col(modes() - r);
  orthonormalise(c);
}

// One step of the generalised power method: replaces the directions by the gradient,
// orthonormalised (Eq. 88).
void LatentDirections::climb(const Eigen::Ref<const Field>& u, Eigen::Ref<Eigen::MatrixXd> c) {
  auto m = m_.leftCols(c.cols());
  auto ascent = ascent_.leftCols(c.cols());
  m.noalias() = E_ * c;
  X_.noalias() = m * m.transpose();
  X_.array() = 1.0 / (1.0 - (rho_ * X_.array()).square());
  m.array().colwise() *= u.array();
  ascent.noalias() = X_ * m;
  ascent.array().colwise() *= u.array();
  c.noalias() = E_.transpose() * ascent;
  orthonormalise(c);
}

}  // namespace popflow
