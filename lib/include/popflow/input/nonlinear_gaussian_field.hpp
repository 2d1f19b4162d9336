#pragma once

#include "popflow/input/gaussian_field.hpp"
#include "popflow/moments/four_point.hpp"

namespace popflow {

/// The non-linear Gaussian field x = erf(g z / sqrt 2) / Z(g) of [IG22] (Eq. 5), E x^2 = 1, with z
/// a Gaussian field of unit variance. Gain g -> 0 is Gaussian; g = infinity is x = sign z.
class NonlinearGaussianField {
 public:
  /// Throws std::invalid_argument unless gain > 0 (infinity allowed) and the latent field has unit
  /// variance.
  NonlinearGaussianField(GaussianField latent, double gain);

  const Torus& torus() const { return latent_.torus(); }
  const GaussianField& latent() const { return latent_; }
  double gain() const { return four_point_.gain(); }

  PointwiseField pointwise() const { return {latent_.covariance(), gain()}; }

  /// The symmetries of the latent covariance, of which every moment is a function.
  LatticeSymmetry symmetry() const { return latent_.symmetry(); }

  /// E x_0 x_a over displacements (Eq. 8), N entries, and its spectrum, half_modes() entries.
  const Field& covariance() const { return covariance_; }
  const Field& spectrum() const { return spectrum_; }

  /// E x_0 x_a x_b x_c (Eq. 9, 10).
  double four_point(int a, int b, int c) const;

  /// Draws one field into `out`, N entries. Uses scratch memory: one copy a thread.
  void sample(RandomStream& stream, Eigen::Ref<Field> out);

  /// As GaussianField::sample_lanes, of whose field number n this is the non-linear function.
  void sample_lanes(const SampleKey& key, LaneIndices indices, LaneView<float> out);
  void sample_lanes(const SampleKey& key, LaneIndices indices, LaneView<double> out);

 private:
  template <class Real>
  void squash(LaneView<Real> latent) const;

  GaussianField latent_;
  ErfFourPoint four_point_;
  double normalisation_;  // Z(g)
  Field covariance_;
  Field spectrum_;
};

}  // namespace popflow
