#include "popflow/input/elliptical_field.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <boost/math/distributions/normal.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <fmt/core.h>

namespace popflow {

namespace {

// 1/k below which Gamma(k) / k is N(1, 1/k), which has its mean and variance, up to a skewness of
// 2 / sqrt k; there the quantile's own series need 1e5 terms and more.
constexpr double normal_spread = 1e-8;

// The number s of Gamma(k) / k that a fraction `above` of them exceeds.
double radial_factor(double inverse_shape, double above) {
  if (inverse_shape >= normal_spread)
    return inverse_shape * boost::math::gamma_q_inv(1.0 / inverse_shape, above);
  if (inverse_shape == 0.0 || above == 1.0) return 1.0;
  const boost::math::normal standard;
  return 1.0 + std::sqrt(inverse_shape) * quantile(complement(standard, above));
}

}  // namespace

double least_elliptical_kurtosis(int sites) { return -6.0 / (sites + 2.0); }

EllipticalField::EllipticalField(GaussianField gaussian, double kurtosis)
    : gaussian_(std::move(gaussian)), kurtosis_(kurtosis) {
  const double n = torus().sites(), least = least_elliptical_kurtosis(torus().sites());
  if (!(kurtosis >= least) || std::isinf(kurtosis))
    throw std::invalid_argument(
        fmt::format("excess kurtosis {}: must be a finite number of at least -6 / (N + 2) = {}",
                    kurtosis, least));
  inverse_shape_ = std::max(0.0, (2.0 + (n + 2.0) * kurtosis / 3.0) / n);
}

double EllipticalField::four_point(int a, int b, int c) const {
  return (1.0 + kurtosis_ / 3.0) * gaussian_.four_point(a, b, c);
}

void EllipticalField::sample(RandomStream& stream, Eigen::Ref<Field> out) {
  const double s = radial_factor(inverse_shape_, stream.uniform());
  stream.fill_normal(out);
  out *= std::sqrt(s * torus().sites()) / out.norm();
  gaussian_.colour(out);
}

}  // namespace popflow
