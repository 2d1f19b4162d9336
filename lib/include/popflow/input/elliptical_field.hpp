#pragma once

#include "popflow/input/gaussian_field.hpp"

namespace popflow {

/// The least excess kurtosis of elliptical inputs of N sites, -6 / (N + 2): a fixed radius.
double least_elliptical_kurtosis(int sites);

/// The elliptical input x = r C^{1/2} n (Eq. 98), n uniform on the unit sphere of N dimensions and
/// r^2 = N s, s ~ Gamma(k) / k: the symmetric Kotz type law [FangKotzNg1990]. C is that of a
/// Gaussian field, and the excess kurtosis of every projection u . x is the same. It is Gaussian at
/// 0, has a fixed radius at the least kurtosis, and is a scale mixture of Gaussians above 0.
class EllipticalField {
 public:
  /// Throws std::invalid_argument unless least_elliptical_kurtosis(N) <= kurtosis < infinity.
  EllipticalField(GaussianField gaussian, double kurtosis);

  const Torus& torus() const { return gaussian_.torus(); }
  const Field& covariance() const { return gaussian_.covariance(); }
  const Field& spectrum() const { return gaussian_.spectrum(); }
  double kurtosis() const { return kurtosis_; }

  /// The symmetries of the covariance. Every moment is a function of the covariance.
  LatticeSymmetry symmetry() const { return gaussian_.symmetry(); }

  /// E x_0 x_a x_b x_c (Eq. 99).
  double four_point(int a, int b, int c) const;

  /// Draws one field into `out`, N entries. Uses scratch memory: every thread needs its own copy of
  /// this object.
  void sample(RandomStream& stream, Eigen::Ref<Field> out);

 private:
  GaussianField gaussian_;
  double kurtosis_;
  double inverse_shape_;  // 1/k
};

}  // namespace popflow
