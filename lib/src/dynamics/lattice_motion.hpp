#pragma once

#include <optional>

#include <Eigen/Core>

#include "popflow/dynamics/fixed_point.hpp"
#include "popflow/lattice/fourier_basis.hpp"

namespace popflow {

/// Relative to the norm of the weights. A smaller derivative counts as 0, because less than half of
/// the digits of a velocity along it would be correct.
inline constexpr double vanishing_derivative = 1.5e-8;  // root of the rounding, 2.2e-16

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
  LatticeMotion(const std::optional<detail::WeightsOnLattice>& weights, Eigen::Index size);

  int axes() const { return basis_ ? basis_->torus().dimensions() : 0; }

  /// D, one column for each axis; 0 if the derivative vanishes.
  Eigen::MatrixXd translations(const Eigen::VectorXd& w) const;

  SplitRate split(const Eigen::VectorXd& w, const Eigen::VectorXd& f) const;

  /// w, displaced by some sites along an axis (Eq. 117).
  Eigen::VectorXd moved(const Eigen::VectorXd& w, int axis, double sites) const;

 private:
  // The state in which motion(weights in the Fourier basis) replaces the weights of every neuron.
  template <class Motion>
  void move_weights(const Eigen::VectorXd& w, const Motion& motion,
                    Eigen::Ref<Eigen::VectorXd> out) const;

  // Derivatives of at most this norm are 0.
  double least_derivative(const Eigen::VectorXd& w) const;

  std::optional<FourierBasis> basis_;
  int neurons_ = 0;
  bool over_sites_ = false;  // or in the Fourier basis
};

}  // namespace popflow
