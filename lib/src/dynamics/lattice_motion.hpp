#pragma once

#include <optional>

#include <Eigen/Core>

#include "popflow/lattice/fourier.hpp"

namespace popflow {

/// Relative to the norm of the weights: a derivative that is smaller counts as 0, because fewer
/// than half of the digits of a velocity along it would be known.
inline constexpr double vanishing_derivative = 1.5e-8;  // root of the rounding, 2.2e-16

/// The translations of w, as `translations` has them, by a transform that is there already.
Eigen::MatrixXd translations(FourierTransform& fourier, int neurons, const Eigen::VectorXd& w);

/// A rate f of the state in two orthogonal parts, along the translations and across them.
struct SplitRate {
  Eigen::MatrixXd basis;  // of the translations, orthonormal: dimension x 0, 1 or 2
  Eigen::VectorXd drift;  // c with f = -D c + across; of least norm
  Eigen::VectorXd across;
  double along = 0.0;  // |D c|
};

/// Moves the weights of a state over its lattice. Without a lattice it has no translations.
class LatticeMotion {
 public:
  /// Throws std::invalid_argument unless a state of `size` entries has these weights.
  LatticeMotion(const std::optional<Torus>& lattice, int neurons, Eigen::Index size);

  int axes() const { return fourier_ ? fourier_->torus().dimensions() : 0; }

  SplitRate split(const Eigen::VectorXd& w, const Eigen::VectorXd& f);

  /// D c, D the translations of w.
  Eigen::VectorXd rate(const Eigen::VectorXd& w, const Eigen::VectorXd& c);

  /// w, displaced by some sites along an axis (Eq. 117).
  Eigen::VectorXd moved(const Eigen::VectorXd& w, int axis, double sites);

 private:
  std::optional<FourierTransform> fourier_;
  int neurons_;
};

}  // namespace popflow
