#pragma once

#include "popflow/lattice/quadrature.hpp"
#include "popflow/lattice/torus.hpp"

namespace popflow {

/// Correlations of four standard Gaussians z_1 .. z_4, each in [-1, 1].
struct FourCorrelations {
  double c12, c13, c14, c23, c24, c34;
};

/// The correlations among sites 0, a, b, c of a translation-invariant field, from its covariance
/// over displacements.
FourCorrelations correlations_of(const Torus& torus, const Field& covariance, int a, int b, int c);

/// E z_1 z_2 z_3 z_4 for a Gaussian of these correlations (Isserlis): c12 c34 + c13 c24 + c14 c23.
double gaussian_four_point(const FourCorrelations& c);

/// E s_1 s_2 s_3 s_4 for the signs of four Gaussians (Eq. 9, after Plackett 1954): the integral
/// over t in [0, 1] by tanh-sinh quadrature. Correlations of +-1 are allowed: such factors are the
/// same sign, and s^2 = 1. Absolute accuracy 1e-12 unless three of the four are within 1e-6 of
/// being linearly dependent without coinciding, when rounding in the correlations decides.
double sign_four_point(const FourCorrelations& c);

/// E x_1 x_2 x_3 x_4 of the erf field at gain g, from the latent correlations; coincident sites
/// have latent correlation 1. Exact at every gain up to quadrature and rounding (Eq. 9, 10):
/// absolute accuracy 1e-12, or 1e-15 g where that is more; above g = 1e8 it is the sign field,
/// below 1e-8 the Gaussian.
///
/// The nodes are chosen once, from the gain (Eq. 11): 18 at g = 3, 108 at g = 100.
class ErfFourPoint {
 public:
  /// Throws std::invalid_argument unless gain > 0 (infinity allowed).
  explicit ErfFourPoint(double gain);

  double operator()(const FourCorrelations& c) const;

  double gain() const { return gain_; }

  /// Number of quadrature nodes; 0 where tanh-sinh takes over (very steep or sign).
  int nodes() const { return static_cast<int>(rule_.nodes.size()); }

 private:
  template <class Integrand>
  double four_signs(const Integrand& integrand) const;

  double gain_;
  double rho_;            // g^2 / (1 + g^2)
  double noise_;          // 1 - rho
  double normalisation_;  // Z^4
  QuadratureRule rule_;   // in t, on [0, 1]
};

}  // namespace popflow
