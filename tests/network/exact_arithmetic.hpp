#pragma once

#include <variant>

#include <boost/math/constants/constants.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/multiprecision/cpp_bin_float.hpp>

#include "popflow/network/loss.hpp"
#include "popflow/network/neuron.hpp"

/// Activations and losses by their definitions, in 100 digits: so many that finite differences of
/// low order, with tiny steps, are exact to double precision.
namespace popflow::test {

using Number = boost::multiprecision::number<boost::multiprecision::cpp_bin_float<100>,
                                             boost::multiprecision::et_off>;

inline Number exact(const Erf&, const Number& x) {
  return boost::math::erf(Number(x / boost::math::constants::root_two<Number>()));
}

inline Number exact(const Tanh&, const Number& x) {
  const Number up = exp(x), down = exp(Number(-x));
  return (up - down) / (up + down);
}

inline Number exact(const Logistic&, const Number& x) { return 1 / (1 + exp(Number(-x))); }

inline Number exact(const Polynomial& sigma, const Number& x) {
  Number value = 0, power = 1;
  for (const double c : sigma.coefficients) {
    value += c * power;
    power *= x;
  }
  return value;
}

inline Number exact(const Relu&, const Number& x) { return x > 0 ? x : Number(0); }

inline Number exact(const Activation& activation, const Number& x) {
  return std::visit([&x](const auto& sigma) { return exact(sigma, x); }, activation);
}

/// The loss as a function of the network's output.
inline Number exact_loss(Loss loss, double label, const Number& phi) {
  if (loss == Loss::squared) return (phi - label) * (phi - label) / 2;
  if (loss == Loss::correlation) return -label * phi;
  return log(Number(1 + exp(Number(-label * phi))));
}

/// The loss of one neuron as a function of its pre-activation.
inline Number exact_loss(const Neuron& neuron, Loss loss, double label, const Number& lambda) {
  const Number phi = neuron.second_layer * exact(neuron.activation, Number(neuron.bias) + lambda);
  return exact_loss(loss, label, phi);
}

/// The n-th derivative of f at x, by the n-th central difference with step h. It errs by
/// n h^2 / 24 of derivative n + 2, here 1e-30 times numbers of order 1e3, and in rounding by
/// 2^n 1e-100 / h^n, here 1e-23 at n = 5: nothing next to double precision.
template <class Function>
double derivative(const Function& f, double x, int n) {
  const Number h("1e-15");
  Number sum = 0, binomial = 1;
  for (int k = 0; k <= n; ++k) {
    const Number term = binomial * f(Number(x) + (Number(n) / 2 - k) * h);
    sum += k % 2 == 0 ? term : Number(-term);
    binomial = binomial * (n - k) / (k + 1);
  }
  return static_cast<double>(Number(sum / pow(h, n)));
}

}  // namespace popflow::test
