#include "dynamics/lattice_motion.hpp"

#include <stdexcept>

#include <Eigen/SVD>
#include <fmt/core.h>

#include "popflow/dynamics/stability.hpp"
#include "popflow/lattice/derivative.hpp"

namespace popflow {

namespace {

void check_weights(const Torus& torus, int neurons, Eigen::Index size) {
  if (neurons < 1 || size / neurons < torus.sites())
    throw std::invalid_argument(fmt::format("state of {} entries: {} neurons on {} sites have more",
                                            size, neurons, torus.sites()));
}

}  // namespace

Eigen::MatrixXd translations(FourierTransform& fourier, int neurons, const Eigen::VectorXd& w) {
  const Torus& torus = fourier.torus();
  const Eigen::Index sites = torus.sites();
  check_weights(torus, neurons, w.size());
  Eigen::MatrixXd result = Eigen::MatrixXd::Zero(w.size(), torus.dimensions());
  for (int axis = 0; axis < torus.dimensions(); ++axis) {
    for (int k = 0; k < neurons; ++k)
      result.col(axis).segment(k * sites, sites) =
          lattice_derivative(fourier, w.segment(k * sites, sites), axis);
    if (result.col(axis).norm() <= vanishing_derivative * w.head(neurons * sites).norm())
      result.col(axis).setZero();
  }
  return result;
}

Eigen::MatrixXd translations(const Torus& torus, int neurons, const Eigen::VectorXd& w) {
  FourierTransform fourier(torus);
  return translations(fourier, neurons, w);
}

LatticeMotion::LatticeMotion(const std::optional<Torus>& lattice, int neurons, Eigen::Index size)
    : neurons_(neurons) {
  if (!lattice) return;
  check_weights(*lattice, neurons, size);
  fourier_.emplace(*lattice);
}

// The columns of D are minus the velocity's: a field that moves by c changes at the rate -D c.
SplitRate LatticeMotion::split(const Eigen::VectorXd& w, const Eigen::VectorXd& f) {
  if (!fourier_) return {Eigen::MatrixXd(w.size(), 0), Eigen::VectorXd(0), f, 0.0};
  const Eigen::MatrixXd D = translations(*fourier_, neurons_, w);
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(D, Eigen::ComputeThinU | Eigen::ComputeThinV);
  const Eigen::VectorXd& sigma = svd.singularValues();
  const double least =
      vanishing_derivative * w.head(neurons_ * Eigen::Index{fourier_->torus().sites()}).norm();
  const Eigen::Index rank = (sigma.array() > least).count();
  SplitRate parts;
  parts.basis = svd.matrixU().leftCols(rank);
  const Eigen::VectorXd along = parts.basis.transpose() * f;
  parts.drift = -(svd.matrixV().leftCols(rank) * along.cwiseQuotient(sigma.head(rank)));
  parts.across = f - parts.basis * along;
  parts.along = along.norm();
  return parts;
}

Eigen::VectorXd LatticeMotion::rate(const Eigen::VectorXd& w, const Eigen::VectorXd& c) {
  return translations(*fourier_, neurons_, w) * c;
}

Eigen::VectorXd LatticeMotion::moved(const Eigen::VectorXd& w, int axis, double sites) {
  Eigen::VectorXd result = w;
  const Eigen::Index N = fourier_->torus().sites();
  for (int k = 0; k < neurons_; ++k)
    result.segment(k * N, N) = displaced(*fourier_, w.segment(k * N, N), axis, sites);
  return result;
}

}  // namespace popflow
