#include "popflow/input/nonlinear_gaussian_field.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>

#include <fmt/core.h>

#include "popflow/input/correlation.hpp"
#include "popflow/moments/arcsine.hpp"

namespace popflow {

NonlinearGaussianField::NonlinearGaussianField(GaussianField latent, double gain)
    : latent_(std::move(latent)), four_point_(gain), normalisation_(erf_normalisation(gain)) {
  if (std::abs(latent_.covariance()[0] - 1.0) > 1e-12)
    throw std::invalid_argument(fmt::format(
        "latent variance {}: must be 1, the gain sets the scale", latent_.covariance()[0]));
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

}  // namespace popflow
