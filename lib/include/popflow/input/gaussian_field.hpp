#pragma once

#include <optional>
#include <tuple>

#include "popflow/input/lane_sampler.hpp"
#include "popflow/input/pointwise_field.hpp"
#include "popflow/input/random_stream.hpp"
#include "popflow/lattice/fourier.hpp"
#include "popflow/lattice/symmetry.hpp"
#include "popflow/lattice/torus.hpp"

namespace popflow {

/// A translation-invariant Gaussian field z ~ N(0, C) on a torus (Eq. 4).
///
/// Sampled exactly in O(N log N), by filtering white noise with sqrt(S(q)).
class GaussianField {
 public:
  static constexpr bool is_gaussian = true;

  /// `covariance` over displacements, N entries, even. Throws std::invalid_argument when it is not:
  /// wrong size, not even, C(0) <= 0, or a negative spectral mass above 1e-9.
  GaussianField(const Torus& torus, Field covariance);

  const Torus& torus() const { return fourier_.torus(); }
  const Field& covariance() const { return covariance_; }
  const Field& spectrum() const { return spectrum_; }

  /// The field as a multiple of one of unit variance.
  PointwiseField pointwise() const;

  /// The symmetries of the covariance. Every moment is a function of the covariance.
  LatticeSymmetry symmetry() const { return symmetry_of(torus(), covariance_); }

  /// E z_0 z_a z_b z_c.
  double four_point(int a, int b, int c) const;

  /// Turns white noise, N entries, into the field that it makes (Eq. 4). Uses scratch memory: every
  /// thread needs its own copy of this object.
  void colour(Eigen::Ref<Field> noise);

  /// Draws one field into `out`, N entries. Uses scratch memory: every thread needs its own copy of
  /// this object.
  void sample(RandomStream& stream, Eigen::Ref<Field> out);

  /// Draws the fields number `indices` of `key` into `out`, N x lanes. Both precisions give the
  /// same fields, up to rounding of 1e-6 standard deviations; sample() gives others. Uses scratch
  /// memory: every thread needs its own copy of this object. The first call in each precision makes
  /// the memory; later calls allocate nothing. Throws std::invalid_argument for another size, and
  /// for a run of 2^24 or more.
  void sample_lanes(const SampleKey& key, LaneIndices indices, LaneView<float> out);
  void sample_lanes(const SampleKey& key, LaneIndices indices, LaneView<double> out);

 private:
  template <class Real>
  LaneSampler<Real>& lane_sampler();

  FourierTransform fourier_;
  Field covariance_;
  Field spectrum_;
  Field filter_;  // sqrt(S(q))
  Spectrum modes_;
  std::tuple<std::optional<LaneSampler<float>>, std::optional<LaneSampler<double>>> lane_samplers_;
};

/// The Gaussian field with the covariance of any input: the control in every experiment.
template <class Model>
GaussianField gaussian_clone(const Model& model) {
  return {model.torus(), model.covariance()};
}

}  // namespace popflow
