#pragma once

#include <optional>

#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include "popflow/lattice/torus.hpp"

namespace popflow {

/// Latent directions: what to know of a Gaussian field z with covariance C in order to know
/// lambda = u . psi(z) best (Eq. 85 to 88).
///
/// The field is written by independent standard normal modes, z = E zeta, so that a direction is a
/// unit vector c of mode amplitudes, s = c . zeta, and E[z|s] = E c s. The directions are those
/// that maximise, by a few steps of the generalised power method,
///
///     sum_jk u_j u_k atanh( rho E[z_j|s] E[z_k|s] averaged over s )
///
/// Owns scratch memory: one copy a thread. Nothing is allocated after construction, but what
/// Eigen's eigensolver takes, once a call with more than one direction.
class LatentDirections {
 public:
  /// `covariance` over displacements, of unit variance, N entries. Modes with less than 1e-4 of the
  /// largest one's variance are left out of z = E zeta, which restricts the directions, not z.
  /// `rho` is the correlation factor of the erf field (Eq. 7), `most` the largest number of
  /// directions, at least 1. Throws std::invalid_argument unless 1 <= most <= N and the variance
  /// is 1.
  LatentDirections(const Torus& torus, const Field& covariance, double rho, int most);

  int modes() const { return static_cast<int>(E_.cols()); }

  /// The orthonormal directions for the weights u into the columns of `c`, modes() x r: as many as
  /// it has columns, from 1 to `most` and modes(); std::invalid_argument for other shapes.
  void operator()(const Eigen::Ref<const Field>& u, Eigen::Ref<Eigen::MatrixXd> c);

  /// E[z|s] = m s: m = E c into `m`, N x r.
  void means(const Eigen::Ref<const Eigen::MatrixXd>& c, Eigen::Ref<Eigen::MatrixXd> m) const {
    m.noalias() = E_ * c;
  }

 private:
  void start(const Eigen::Ref<const Field>& u, Eigen::Ref<Eigen::MatrixXd> c);
  void climb(const Eigen::Ref<const Field>& u, Eigen::Ref<Eigen::MatrixXd> c);

  double rho_;
  Eigen::MatrixXd E_;  // N x modes, z = E zeta
  Eigen::MatrixXd scaled_, kernel_, X_, m_, ascent_;
  Eigen::VectorXd weight_;
  std::optional<Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>> solver_;  // of several directions
};

}  // namespace popflow
