#pragma once

#include <optional>

#include "popflow/input/gaussian_field.hpp"
#include "popflow/input/marginal.hpp"
#include "popflow/moments/odd_moments.hpp"
#include "popflow/moments/odd_table.hpp"

namespace popflow {

/// The field x_i = psi(z_i) of a Gaussian field z (Eq. 100): any symmetric marginal law, of unit
/// variance, with the copula of z.
class CopulaField {
 public:
  /// Throws std::invalid_argument unless the latent field has unit variance, and for a shape that
  /// the marginal does not take.
  CopulaField(GaussianField latent, const Marginal& marginal);

  const Torus& torus() const { return latent_.torus(); }
  const GaussianField& latent() const { return latent_; }
  const Marginal& marginal() const { return marginal_; }

  /// The uniform marginal is an erf field of gain 1; the others are not erf fields.
  std::optional<PointwiseField> pointwise() const;

  /// The symmetries of the latent covariance. Every moment is a function of this covariance.
  LatticeSymmetry symmetry() const { return latent_.symmetry(); }

  /// E x_0 x_a over displacements (Eq. 101), N entries, and its spectrum, half_modes() entries.
  const Field& covariance() const { return covariance_; }
  const Field& spectrum() const { return spectrum_; }

  /// E x_0 x_a x_b x_c (Eq. 102).
  double four_point(int a, int b, int c) const;

  /// Draws one field into `out`, N entries. Uses scratch memory: every thread needs its own copy of
  /// this object.
  void sample(RandomStream& stream, Eigen::Ref<Field> out);

  /// As GaussianField::sample_lanes. Field number n is a function of the Gaussian field number n.
  void sample_lanes(const SampleKey& key, LaneIndices indices, LaneView<float> out);
  void sample_lanes(const SampleKey& key, LaneIndices indices, LaneView<double> out);

 private:
  GaussianField latent_;
  Marginal marginal_;
  OddTable psi_;
  OddFourPoint four_point_;
  Field covariance_;
  Field spectrum_;
};

}  // namespace popflow
