#pragma once

#include "popflow/moments/cumulant_operator.hpp"
#include "popflow/moments/orbit_moment.hpp"

namespace popflow {

/// R templates tiled over a lattice. They give a translation-equivariant CP form of a fourth
/// cumulant (Eq. 31),
///
///     kappa(a, b, c) ~ sum_r lambda_r sum_s t_r(s) t_r(s + a) t_r(s + b) t_r(s + c)
struct TiledFactors {
  Torus torus;
  Eigen::VectorXd lambda;     ///< R signed weights
  Eigen::MatrixXd templates;  ///< N x R, the t_r as columns

  Eigen::Index rank() const { return lambda.size(); }

  /// kappa(a, b, c) of this form, O(R N).
  double operator()(int a, int b, int c) const;
};

/// The same form with templates of unit length. The entry of largest magnitude of every template is
/// positive and at site 0, and |lambda| falls. Throws std::invalid_argument if the shapes disagree.
TiledFactors normalised(TiledFactors factors);

/// sum_abc kappa(a, b, c) kappa'(a, b, c) of two tiled forms, by FFT. It is 1 / N of the inner
/// product of the whole tensors (Eq. 33). Throws std::invalid_argument if the shapes or lattices
/// disagree.
double inner_product(const TiledFactors& a, const TiledFactors& b);

/// The tiled form as a cumulant operator (Eq. 32),
///
///     kappa_i[u, v, w] ~ sum_r lambda_r ( t_r * ((t_r o u) (t_r o v) (t_r o w)) )_i
///
/// where * is the convolution and o the correlation. A contraction costs O(R N log N) and allocates
/// nothing after the first.
class TiledCumulant {
 public:
  explicit TiledCumulant(const TiledFactors& factors);

  const Torus& torus() const { return moment_.torus(); }

  void contract(const Spectrum& u, const Spectrum& v, const Spectrum& w, Spectrum& out) const {
    moment_.contract(u, v, w, out);
  }
  void contract(const Spectrum& u, Spectrum& out) const { moment_.contract(u, out); }

 private:
  OrbitMoment moment_;  // of the templates
};

}  // namespace popflow
