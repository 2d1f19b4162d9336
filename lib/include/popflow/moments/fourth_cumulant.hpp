#pragma once

#include <concepts>
#include <functional>

#include "popflow/lattice/symmetry.hpp"
#include "popflow/lattice/torus.hpp"

namespace popflow {

/// A law of translation- and inversion-invariant, even fields that states its second and fourth
/// moments: covariance()(a) = E x_0 x_a and four_point(a, b, c) = E x_0 x_a x_b x_c. It may state
/// more symmetries by a member symmetry() (see LatticeSymmetry).
template <class T>
concept FourPointModel = requires(const T& model, int a) {
  { model.torus() } -> std::convertible_to<const Torus&>;
  { model.covariance() } -> std::convertible_to<Field>;
  { model.four_point(a, a, a) } -> std::convertible_to<double>;
};

/// kappa(a, b, c), the fourth cumulant of sites 0, a, b, c (Eq. 13): single entries on demand, at
/// any lattice size.
class FourthCumulant {
 public:
  using FourPoint = std::function<double(int, int, int)>;

  /// Throws std::invalid_argument where `symmetry` exchanges axes of different extents.
  FourthCumulant(const Torus& torus, Field covariance, FourPoint four_point,
                 LatticeSymmetry symmetry = {});

  const Torus& torus() const { return torus_; }

  /// The stated symmetries beyond permutations of the sites and inversion. They are not checked.
  const LatticeSymmetry& symmetry() const { return symmetry_; }

  /// Sites must lie in [0, N). Safe to call from several threads when `four_point` is.
  double operator()(int a, int b, int c) const;

 private:
  Torus torus_;
  Field covariance_;
  FourPoint four_point_;
  LatticeSymmetry symmetry_;
};

template <FourPointModel Model>
FourthCumulant fourth_cumulant(const Model& model) {
  return {model.torus(), model.covariance(),
          [model](int a, int b, int c) { return model.four_point(a, b, c); },
          stated_symmetry(model)};
}

}  // namespace popflow
