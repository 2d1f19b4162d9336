#include "popflow/input/nonlinear_gaussian_field.hpp"

#include <cmath>
#include <numbers>

#include "popflow/input/correlation.hpp"
#include "popflow/moments/arcsine.hpp"

#include "input/check_number.hpp"
#include "input/squash.hpp"
#include "lanes/dispatch.hpp"

namespace popflow {

namespace {

// Below it x = z (1 + O(g^2)) is z to rounding, and 1 / Z(g) may overflow single precision.
constexpr double vanishing_gain = 1e-9;

}  // namespace

NonlinearGaussianField::NonlinearGaussianField(GaussianField latent, double gain)
    : latent_(std::move(latent)), four_point_(gain), normalisation_(erf_normalisation(gain)) {
  const double variance = latent_.covariance()[0];
  check_number(std::abs(variance - 1.0) <= 1e-12, "latent variance", variance,
               "1, the gain sets the scale");
  covariance_ = latent_.covariance().unaryExpr([gain](double c) { return erf_two_point(gain, c); });
  spectrum_ = covariance_spectrum(torus(), covariance_).cwiseMax(0.0);
}

double NonlinearGaussianField::four_point(int a, int b, int c) const {
  return four_point_(correlations_of(torus(), latent_.covariance(), a, b, c));
}

void NonlinearGaussianField::sample(RandomStream& stream, Eigen::Ref<Field> out) {
  latent_.sample(stream, out);
  if (std::isinf(gain())) {
    out = out.unaryExpr([](double z) { return std::copysign(1.0, z); });
    return;
  }
  const double scale = gain() / std::numbers::sqrt2;
  out = out.unaryExpr([this, scale](double z) { return std::erf(scale * z) / normalisation_; });
}

template <class Real>
void NonlinearGaussianField::squash(LaneView<Real> latent) const {
  if (gain() < vanishing_gain) return;
  if (std::isinf(gain())) {
    latent = latent.unaryExpr([](Real z) { return std::copysign(Real{1}, z); });
    return;
  }
  dispatch(Squash<Real>{}, static_cast<Real>(gain() / std::numbers::sqrt2),
           static_cast<Real>(1.0 / normalisation_), latent.data(), latent.size());
}

void NonlinearGaussianField::sample_lanes(const SampleKey& key, LaneIndices indices,
                                          LaneView<float> out) {
  latent_.sample_lanes(key, indices, out);
  squash<float>(out);
}

void NonlinearGaussianField::sample_lanes(const SampleKey& key, LaneIndices indices,
                                          LaneView<double> out) {
  latent_.sample_lanes(key, indices, out);
  squash<double>(out);
}

}  // namespace popflow
