#pragma once

#include <array>
#include <concepts>
#include <variant>
#include <vector>

#include "popflow/lattice/eigen.hpp"

namespace popflow {

/// sigma(x) and its first five derivatives.
using Derivatives = std::array<double, 6>;

/// An activation sigma: its value, its slope, and derivatives(x) = (sigma, sigma', ..., sigma^(5)).
template <class T>
concept ActivationFunction = requires(const T& sigma, double x) {
  { sigma(x) } -> std::convertible_to<double>;
  { sigma.slope(x) } -> std::convertible_to<double>;
  { sigma.derivatives(x) } -> std::convertible_to<Derivatives>;
};

/// sigma(x) = erf(x / sqrt 2), sigma'(x) = 2 n(x) with n the standard normal density (Eq. 17).
struct Erf {
  double operator()(double x) const;
  double slope(double x) const;
  Derivatives derivatives(double x) const;
};

/// sigma(x) = tanh x.
struct Tanh {
  double operator()(double x) const;
  double slope(double x) const;
  Derivatives derivatives(double x) const;
};

/// sigma(x) = 1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2.
struct Logistic {
  double operator()(double x) const;
  double slope(double x) const;
  Derivatives derivatives(double x) const;
};

/// sigma(x) = sum_n coefficients[n] x^n.
struct Polynomial {
  std::vector<double> coefficients;

  double operator()(double x) const;
  double slope(double x) const;
  Derivatives derivatives(double x) const;
};

/// sigma(x) = max(x, 0); slope(0) = 0, and the derivatives leave out the delta functions at 0.
struct Relu {
  double operator()(double x) const { return x > 0.0 ? x : 0.0; }
  double slope(double x) const { return x > 0.0 ? 1.0 : 0.0; }
  Derivatives derivatives(double x) const { return {(*this)(x), slope(x), 0.0, 0.0, 0.0, 0.0}; }
};

/// sigma(x) = x.
Polynomial linear();

/// sigma(x) = x - x^3 / 3.
Polynomial cubic();

/// The first two terms of erf(x / sqrt 2) about 0: sqrt(2 / pi) (x - x^3 / 6).
Polynomial erf_series();

/// One of the activations above.
using Activation = std::variant<Erf, Tanh, Logistic, Polynomial, Relu>;

inline Derivatives derivatives(const Activation& activation, double x) {
  return std::visit([x](const auto& sigma) { return sigma.derivatives(x); }, activation);
}

}  // namespace popflow
