#include "popflow/moments/four_point.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <boost/math/quadrature/tanh_sinh.hpp>

#include "popflow/moments/arcsine.hpp"

namespace popflow {

namespace {

// Beyond this many Gauss-Legendre nodes, tanh-sinh is cheaper.
constexpr int fewest_nodes = 8;
constexpr int most_nodes = 256;
constexpr double quadrature_tolerance = 1e-15;

// Above this gain an erf differs from a sign by less (1/g) than rounding leaves of it (1e-16 g).
constexpr double steepest_gain = 1e8;

constexpr double two_over_pi = 2.0 / std::numbers::pi;

double arcsine_of(double r) { return std::asin(std::clamp(r, -1.0, 1.0)); }

// The correlations of the four smoothed signs as their distances from 1, e = 1 - rho. At high gain
// coincident sites have e ~ 1/g^2, which 1 - rho would round away.
struct Complements {
  double e12, e13, e14, e23, e24, e34;
};

Complements complements(const FourCorrelations& c, double rho, double noise) {
  const auto e = [rho, noise](double correlation) { return noise + rho * (1.0 - correlation); };
  return {e(c.c12), e(c.c13), e(c.c14), e(c.c23), e(c.c24), e(c.c34)};
}

// One summand of Plackett's integrand (Eq. 9): rho_1j / sqrt(1 - a^2) times the arcsine of the
// partial correlation of k and l given 1 and j, the correlations of 1 being multiplied by
// t = 1 - tau, so that a = t rho_1j. Determinants are expanded about equal factors (Eq. 12), where
// they would otherwise be differences of nearly equal numbers.
double plackett_term(double t, double tau, double e1j, double e1k, double e1l, double ejk,
                     double ejl, double ekl) {
  const double alpha = tau + t * e1j;  // 1 - a
  const double p = t * (e1k - e1j), s = t * (e1l - e1j);
  const double p_jk = t * (e1k - ejk) - tau * ejk - t * e1j;  // p - ejk
  const double s_jl = t * (e1l - ejl) - tau * ejl - t * e1j;  // s - ejl
  const double one_minus_a2 = alpha * (2.0 - alpha);
  const double covariance =
      one_minus_a2 * (ejk + ejl - ekl) - p_jk * s_jl - alpha * (p * ejl + s * ejk);
  const double variance_k = 2.0 * ejk * (one_minus_a2 - alpha * p) - p_jk * p_jk;
  const double variance_l = 2.0 * ejl * (one_minus_a2 - alpha * s) - s_jl * s_jl;
  const double product = variance_k * variance_l;
  if (!(product > 0.0) || !(one_minus_a2 > 0.0)) return 0.0;
  return (1.0 - e1j) / std::sqrt(one_minus_a2) * arcsine_of(covariance / std::sqrt(product));
}

// d/dt E s1 s2 s3 s4, without (2/pi)^2, when the correlations of factor 1 are multiplied by t.
double plackett_integrand(const Complements& e, double t, double tau) {
  return plackett_term(t, tau, e.e12, e.e13, e.e14, e.e23, e.e24, e.e34) +
         plackett_term(t, tau, e.e13, e.e12, e.e14, e.e23, e.e34, e.e24) +
         plackett_term(t, tau, e.e14, e.e12, e.e13, e.e24, e.e34, e.e23);
}

// t = cos(chi) turns inverse square roots at t = 1 into constants; tanh-sinh bears the rest, and
// resolves chi near 0, where the integrand is steep, to full relative accuracy.
double steep_four_signs(const Complements& e) {
  thread_local boost::math::quadrature::tanh_sinh<double> integrator;
  const auto integrand = [&e](double chi) {
    const double half = std::sin(0.5 * chi);
    return std::sin(chi) * plackett_integrand(e, std::cos(chi), 2.0 * half * half);
  };
  return two_over_pi * two_over_pi *
         integrator.integrate(integrand, 0.0, 0.5 * std::numbers::pi, 1e-13);
}

bool same_up_to_sign(double c) { return std::abs(c) >= 1.0; }

}  // namespace

FourCorrelations correlations_of(const Torus& torus, const Field& covariance, int a, int b, int c) {
  const int minus_a = torus.negate(a), minus_b = torus.negate(b);
  return {covariance[a],
          covariance[b],
          covariance[c],
          covariance[torus.add(b, minus_a)],
          covariance[torus.add(c, minus_a)],
          covariance[torus.add(c, minus_b)]};
}

double gaussian_four_point(const FourCorrelations& c) {
  return c.c12 * c.c34 + c.c13 * c.c24 + c.c14 * c.c23;
}

double sign_four_point(const FourCorrelations& c) {
  const auto pair = [](double same, double other) {
    return std::copysign(two_over_pi, same) * arcsine_of(other);
  };
  if (same_up_to_sign(c.c12)) return pair(c.c12, c.c34);
  if (same_up_to_sign(c.c13)) return pair(c.c13, c.c24);
  if (same_up_to_sign(c.c14)) return pair(c.c14, c.c23);
  if (same_up_to_sign(c.c23)) return pair(c.c23, c.c14);
  if (same_up_to_sign(c.c24)) return pair(c.c24, c.c13);
  if (same_up_to_sign(c.c34)) return pair(c.c34, c.c12);
  return steep_four_signs(complements(c, 1.0, 0.0));
}

ErfFourPoint::ErfFourPoint(double gain)
    : gain_(gain),
      rho_(erf_correlation_factor(gain)),
      noise_(1.0 / (1.0 + gain * gain)),
      normalisation_(std::pow(erf_normalisation(gain), 4)) {
  if (gain > steepest_gain) return;
  // t = t0 sin(theta) with t0^2 = 1 + 1/g^2, theta in [0, atan g]: every singularity of the
  // integrand lies at theta = pi/2 or beyond (Eq. 10, 11).
  const double upper = std::atan(gain), gap = std::atan(1.0 / gain);
  const int n = gauss_legendre_nodes(upper, gap, quadrature_tolerance);
  if (n > most_nodes) return;
  rule_ = gauss_legendre(std::max(n, fewest_nodes), 0.0, upper);
  const double t0 = std::sqrt(1.0 + 1.0 / (gain * gain));
  rule_.weights.array() *= t0 * rule_.nodes.array().cos();
  rule_.nodes = (t0 * rule_.nodes.array().sin()).matrix();
}

double ErfFourPoint::operator()(const FourCorrelations& c) const {
  if (gain_ > steepest_gain) return sign_four_point(c);
  const Complements e = complements(c, rho_, noise_);
  if (nodes() == 0) return steep_four_signs(e) / normalisation_;
  double sum = 0.0;
  for (int m = 0; m < nodes(); ++m) {
    const double t = rule_.nodes[m];
    sum += rule_.weights[m] * plackett_integrand(e, t, 1.0 - t);
  }
  return two_over_pi * two_over_pi * sum / normalisation_;
}

}  // namespace popflow
