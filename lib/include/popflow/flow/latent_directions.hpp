#pragma once

#include <optional>

#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include "popflow/lattice/torus.hpp"

namespace popflow {

/// Latent directions: the directions of a Gaussian field z with covariance C that explain most of
/// lambda = u . psi(z) (Eq. 85 to 88).
///
/// The field is written in independent standard normal modes, z = E zeta. A direction is a unit
/// vector c of mode amplitudes, s = c . zeta, and E[z|s] = E c s. The directions maximise, by a few
/// steps of the generalised power method,
///
///     sum_jk u_j u_k atanh( rho E[z_j|s] E[z_k|s] averaged over s )
///
/// An object owns scratch memory: every thread needs a copy of its own. Nothing is allocated after
/// construction, except by Eigen's eigensolver, once for each call with more than one direction.
class LatentDirections {
 public:
  /// `covariance` over displacements, of unit variance, N entries. Modes with less than 1e-4 of the
  /// largest mode's variance are left out of z = E zeta; this restricts the directions, and not z.
  /// `rho` is the correlation factor of the erf field (Eq. 7), `most` the largest number of
  /// directions. Throws std::invalid_argument unless 1 <= most <= N and the variance is 1.
  LatentDirections(const Torus& torus, const Field& covariance, double rho, int most);

  int modes() const { return static_cast<int>(E_.cols()); }

  /// Writes the orthonormal directions for the weights u into the columns of `c`, modes() x r, with
  /// r from 1 to the smaller of `most` and modes(). Throws std::invalid_argument for other shapes.
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
