#include "popflow/network/activation.hpp"

#include <cmath>
#include <numbers>

namespace popflow {

// sigma^(m+1)(x) = 2 (-1)^m He_m(x) n(x), with He_m the probabilists' Hermite polynomials and n the
// normal density (Eq. 17).
Derivatives Erf::derivatives(double x) const {
  const double s1 = slope(x), x2 = x * x;
  return {
      (*this)(x), s1, -s1 * x, s1 * (x2 - 1.0), -s1 * x * (x2 - 3.0), s1 * (x2 * (x2 - 6.0) + 3.0)};
}

double Erf::operator()(double x) const { return std::erf(x / std::numbers::sqrt2); }

double Erf::slope(double x) const {
  static const double twice_peak = std::sqrt(2.0 / std::numbers::pi);
  return twice_peak * std::exp(-0.5 * x * x);
}

double Tanh::operator()(double x) const { return std::tanh(x); }

double Tanh::slope(double x) const {
  const double t = std::tanh(x);
  return 1.0 - t * t;
}

// Polynomials in t = tanh x, by d/dx = (1 - t^2) d/dt.
Derivatives Tanh::derivatives(double x) const {
  const double t = std::tanh(x), t2 = t * t, s1 = 1.0 - t2;
  return {t,
          s1,
          -2.0 * t * s1,
          s1 * (6.0 * t2 - 2.0),
          s1 * t * (16.0 - 24.0 * t2),
          s1 * (16.0 + t2 * (-120.0 + 120.0 * t2))};
}

double Logistic::operator()(double x) const { return 0.5 + 0.5 * std::tanh(0.5 * x); }

double Logistic::slope(double x) const { return 0.25 * Tanh{}.slope(0.5 * x); }

Derivatives Logistic::derivatives(double x) const {
  Derivatives result = Tanh{}.derivatives(0.5 * x);
  double scale = 0.5;
  for (double& derivative : result) {
    derivative *= scale;
    scale *= 0.5;
  }
  result[0] += 0.5;
  return result;
}

double Polynomial::operator()(double x) const {
  double value = 0.0;
  for (auto c = coefficients.rbegin(); c != coefficients.rend(); ++c) value = value * x + *c;
  return value;
}

double Polynomial::slope(double x) const { return derivatives(x)[1]; }

Derivatives Polynomial::derivatives(double x) const {
  // Horner's scheme for Taylor coefficients; those times n! are the derivatives.
  Derivatives result{};
  for (auto c = coefficients.rbegin(); c != coefficients.rend(); ++c) {
    for (std::size_t n = result.size() - 1; n > 0; --n) result[n] = result[n] * x + result[n - 1];
    result[0] = result[0] * x + *c;
  }
  double factorial = 1.0;
  for (std::size_t n = 1; n < result.size(); ++n) result[n] *= factorial *= static_cast<double>(n);
  return result;
}

Polynomial linear() { return {{0.0, 1.0}}; }

Polynomial cubic() { return {{0.0, 1.0, 0.0, -1.0 / 3.0}}; }

Polynomial erf_series() {
  const double slope = std::sqrt(2.0 / std::numbers::pi);
  return {{0.0, slope, 0.0, -slope / 6.0}};
}

}  // namespace popflow
