#include "popflow/moments/four_point.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include <boost/math/quadrature/tanh_sinh.hpp>

#include "popflow/moments/arcsine.hpp"

namespace popflow {

namespace {

// Beyond this many Gauss-Legendre nodes, tanh-sinh is cheaper.
constexpr int fewest_nodes = 8;
constexpr int most_nodes = 256;
constexpr double quadrature_tolerance = 1e-15;

// Below this gain an erf is linear to rounding, and the field Gaussian.
constexpr double gaussian_gain = 1e-8;

// Up to this gain correlations are small numbers, above it their distances from 1 may be.
constexpr double complement_gain = 1.0;

// Above this gain an erf differs from a sign by less (1/g) than rounding leaves of it (1e-16 g).
constexpr double steepest_gain = 1e8;

constexpr double two_over_pi = 2.0 / std::numbers::pi;

double arcsine_of(double r) { return std::asin(std::clamp(r, -1.0, 1.0)); }

// rho_1j / sqrt(1 - a^2) times the arcsine of the partial correlation of k and l: a summand of
// Plackett's integrand (Eq. 9), from (1 - a^2) times the conditional covariance and variances.
double arcsine_term(double rho_1j, double one_minus_a2, double covariance, double variance_k,
                    double variance_l) {
  const double product = variance_k * variance_l;
  if (!(product > 0.0) || !(one_minus_a2 > 0.0)) return 0.0;
  return rho_1j / std::sqrt(one_minus_a2) * arcsine_of(covariance / std::sqrt(product));
}

// The correlations with a function applied to each.
template <class Function>
FourCorrelations each(const FourCorrelations& c, const Function& f) {
  return {f(c.c12), f(c.c13), f(c.c14), f(c.c23), f(c.c24), f(c.c34)};
}

// Plackett's integrand: its terms, one for each pair (1, j) of sites. A term takes the sites in the
// order 1, j, k, l.
template <class Term>
double sum_of_terms(const FourCorrelations& c, const Term& term) {
  return term(c) + term({c.c13, c.c12, c.c14, c.c23, c.c34, c.c24}) +
         term({c.c14, c.c12, c.c13, c.c24, c.c34, c.c23});
}

// The integrand at t, from the correlations of the four smoothed signs. Accurate relative to itself
// however small they are.
double integrand(const FourCorrelations& correlations, double t) {
  // The pair (1, j) is held at zero; a, b, c are the correlations of 1 with j, k, l times t.
  return sum_of_terms(correlations, [t](const FourCorrelations& r) {
    const auto [r1j, r1k, r1l, rjk, rjl, rkl] = r;
    const double a = t * r1j, b = t * r1k, c = t * r1l;
    return arcsine_term(r1j, 1.0 - a * a,
                        rkl * (1.0 - a * a) - b * c - rjk * rjl + a * (b * rjl + c * rjk),
                        1.0 - a * a - b * b - rjk * rjk + 2.0 * a * b * rjk,
                        1.0 - a * a - c * c - rjl * rjl + 2.0 * a * c * rjl);
  });
}

// The complements of the correlations of smoothed signs, e = 1 - rho c. At high gain coincident
// sites have e ~ 1/g^2, which would be lost by rounding in rho.
FourCorrelations complements(const FourCorrelations& correlations, double rho, double noise) {
  return each(correlations, [=](double c) { return noise + rho * (1.0 - c); });
}

// The integrand at t = 1 - tau, from the complements. Determinants are expanded about equal factors
// (Eq. 12), where they would otherwise be differences of nearly equal numbers.
double integrand_of_complements(const FourCorrelations& complements, double t, double tau) {
  return sum_of_terms(complements, [t, tau](const FourCorrelations& e) {
    const auto [e1j, e1k, e1l, ejk, ejl, ekl] = e;
    const double alpha = tau + t * e1j;  // 1 - a
    const double p = t * (e1k - e1j), s = t * (e1l - e1j);
    const double p_jk = t * (e1k - ejk) - tau * ejk - t * e1j;  // p - ejk
    const double s_jl = t * (e1l - ejl) - tau * ejl - t * e1j;  // s - ejl
    const double one_minus_a2 = alpha * (2.0 - alpha);
    return arcsine_term(
        1.0 - e1j, one_minus_a2,
        one_minus_a2 * (ejk + ejl - ekl) - p_jk * s_jl - alpha * (p * ejl + s * ejk),
        2.0 * ejk * (one_minus_a2 - alpha * p) - p_jk * p_jk,
        2.0 * ejl * (one_minus_a2 - alpha * s) - s_jl * s_jl);
  });
}

// t = cos(chi) turns inverse square roots at t = 1 into constants; tanh-sinh bears the rest, and
// resolves chi near 0, where the integrand is steep, to full relative accuracy.
double steep_four_signs(const FourCorrelations& complements) {
  thread_local boost::math::quadrature::tanh_sinh<double> integrator;
  const auto in_chi = [&complements](double chi) {
    const double half = std::sin(0.5 * chi);
    return std::sin(chi) * integrand_of_complements(complements, std::cos(chi), 2.0 * half * half);
  };
  return two_over_pi * two_over_pi *
         integrator.integrate(in_chi, 0.0, 0.5 * std::numbers::pi, 1e-13);
}

double least(const FourCorrelations& c) {
  return std::min({c.c12, c.c13, c.c14, c.c23, c.c24, c.c34});
}

// The four-point function is odd in every factor. Complements are accurate for correlations near 1,
// so factors are reversed until none is near -1: the least correlation as large as can be.
struct Oriented {
  FourCorrelations c;
  double sign;

  explicit Oriented(const FourCorrelations& given) : c(given), sign(1.0) {
    for (int reversed = 1; reversed < 8 && least(c) < 0.0; ++reversed) {
      const double s2 = reversed & 1 ? -1.0 : 1.0, s3 = reversed & 2 ? -1.0 : 1.0,
                   s4 = reversed & 4 ? -1.0 : 1.0;
      const FourCorrelations turned{s2 * given.c12,      s3 * given.c13,      s4 * given.c14,
                                    s2 * s3 * given.c23, s2 * s4 * given.c24, s3 * s4 * given.c34};
      if (least(turned) > least(c)) c = turned, sign = s2 * s3 * s4;
    }
  }
};

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
  // A correlation, and that of the other two sites.
  const std::array<std::pair<double, double>, 6> pairs{{{c.c12, c.c34},
                                                        {c.c13, c.c24},
                                                        {c.c14, c.c23},
                                                        {c.c23, c.c14},
                                                        {c.c24, c.c13},
                                                        {c.c34, c.c12}}};
  for (const auto& [same, others] : pairs)
    if (std::abs(same) >= 1.0) return std::copysign(two_over_pi, same) * arcsine_of(others);
  const Oriented oriented(c);
  return oriented.sign * steep_four_signs(complements(oriented.c, 1.0, 0.0));
}

ErfFourPoint::ErfFourPoint(double gain)
    : gain_(gain),
      rho_(erf_correlation_factor(gain)),
      noise_(1.0 / (1.0 + gain * gain)),
      normalisation_(std::pow(erf_normalisation(gain), 4)) {
  if (gain < gaussian_gain || gain > steepest_gain) return;
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

template <class Integrand>
double ErfFourPoint::four_signs(const Integrand& integrand) const {
  double sum = 0.0;
  for (int m = 0; m < nodes(); ++m) sum += rule_.weights[m] * integrand(rule_.nodes[m]);
  return two_over_pi * two_over_pi * sum;
}

double ErfFourPoint::operator()(const FourCorrelations& c) const {
  if (gain_ < gaussian_gain) return gaussian_four_point(c);
  if (gain_ > steepest_gain) return sign_four_point(c);
  if (gain_ <= complement_gain) {
    const FourCorrelations r = each(c, [this](double latent) { return rho_ * latent; });
    return four_signs([&r](double t) { return integrand(r, t); }) / normalisation_;
  }
  const Oriented oriented(c);
  const FourCorrelations e = complements(oriented.c, rho_, noise_);
  const double signs =
      nodes() == 0 ? steep_four_signs(e)
                   : four_signs([&e](double t) { return integrand_of_complements(e, t, 1.0 - t); });
  return oriented.sign * signs / normalisation_;
}

}  // namespace popflow
