#include "popflow/input/gaussian_field.hpp"

#include <cmath>
#include <stdexcept>

#include <fmt/core.h>

#include "popflow/input/correlation.hpp"
#include "popflow/moments/four_point.hpp"

namespace popflow {

namespace {

constexpr double evenness = 1e-12;  // rounding of a covariance that was transformed and back

void check_covariance(const Torus& torus, const Field& covariance) {
  if (covariance.size() != torus.sites())
    throw std::invalid_argument(fmt::format("covariance of {} entries: the lattice has {} sites",
                                            covariance.size(), torus.sites()));
  if (!covariance.allFinite() || !(covariance[0] > 0.0))
    throw std::invalid_argument("covariance: must be finite, and positive at displacement 0");
  const Field odd = covariance - reflected(torus, covariance);
  if (odd.cwiseAbs().maxCoeff() > evenness * covariance[0])
    throw std::invalid_argument("covariance: must be the same at opposite displacements");
  const double mass = negative_spectral_mass(torus, covariance);
  if (mass > largest_negative_mass)
    throw std::invalid_argument(fmt::format(
        "covariance: negative spectral mass {:.1e}, allowed {:g}", mass, largest_negative_mass));
}

}  // namespace

GaussianField::GaussianField(const Torus& torus, Field covariance)
    : fourier_(torus), covariance_(std::move(covariance)), modes_(torus.half_modes()) {
  check_covariance(torus, covariance_);
  spectrum_ = covariance_spectrum(torus, covariance_).cwiseMax(0.0);
  filter_ = spectrum_.cwiseSqrt();
}

PointwiseField GaussianField::pointwise() const {
  return {covariance_ / covariance_[0], 0.0, std::sqrt(covariance_[0])};
}

double GaussianField::four_point(int a, int b, int c) const {
  return gaussian_four_point(correlations_of(torus(), covariance_, a, b, c));
}

void GaussianField::colour(Eigen::Ref<Field> noise) {
  fourier_.forward(noise, modes_);
  modes_.array() *= filter_.array();
  fourier_.backward(modes_, noise);
}

void GaussianField::sample(RandomStream& stream, Eigen::Ref<Field> out) {
  stream.fill_normal(out);
  colour(out);
}

// Made at the first call, because most fields are never sampled and large ones take much memory.
template <class Real>
LaneSampler<Real>& GaussianField::lane_sampler() {
  auto& sampler = std::get<std::optional<LaneSampler<Real>>>(lane_samplers_);
  if (!sampler) sampler.emplace(torus(), spectrum_);
  return *sampler;
}

void GaussianField::sample_lanes(const SampleKey& key, LaneIndices indices, LaneView<float> out) {
  lane_sampler<float>().sample(key, indices, out);
}

void GaussianField::sample_lanes(const SampleKey& key, LaneIndices indices, LaneView<double> out) {
  lane_sampler<double>().sample(key, indices, out);
}

}  // namespace popflow
