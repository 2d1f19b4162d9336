#pragma once

#include <concepts>
#include <functional>

#include "popflow/lattice/torus.hpp"

namespace popflow {

/// A law of translation- and inversion-invariant, even fields that states its second and fourth
/// moments: covariance()(a) = E x_0 x_a and four_point(a, b, c) = E x_0 x_a x_b x_c.
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

  FourthCumulant(const Torus& torus, Field covariance, FourPoint four_point);

  const Torus& torus() const { return torus_; }

  /// Sites must lie in [0, N). Safe to call from several threads when `four_point` is.
  double operator()(int a, int b, int c) const;

 private:
  Torus torus_;
  Field covariance_;
  FourPoint four_point_;
};

template <FourPointModel Model>
FourthCumulant fourth_cumulant(const Model& model) {
  return {model.torus(), model.covariance(),
          [model](int a, int b, int c) { return model.four_point(a, b, c); }};
}

}  // namespace popflow
