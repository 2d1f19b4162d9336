#pragma once

#include <array>
#include <vector>

#include "popflow/network/activation.hpp"
#include "popflow/network/loss.hpp"

namespace popflow {

/// One neuron whose pre-activation is Gaussian: phi = v sigma(lambda + b), lambda ~ N(M, V).
struct GaussianNeuron {
  double bias;          ///< b
  double second_layer;  ///< v
  double mean;          ///< M
  double variance;      ///< V, at least 0
};

/// Averages of the loss of one neuron, and of its derivatives, over a Gaussian pre-activation. The
/// flows of one neuron are made of these (Eq. 71). With
///
///     f(lambda) = d loss / d lambda = loss'(phi) v sigma'(lambda + b)
///
/// they are derivatives of the average loss with respect to M: E f^(n) = d^(n+1) E loss / dM^(n+1).
///
/// They have closed forms, exact to rounding, for Erf, Relu and Polynomial with the squared or the
/// correlation loss. Otherwise they are computed by the trapezoid rule, whose step is halved until
/// the results move by less than 1e-8 of their integrands' absolute sum. The error falls as
/// exp(-const / step), so that it is then of the order of 1e-16. Averages that need more than 2^12
/// steps in a standard deviation are NaN: this happens with the logistic loss, for weights v
/// sqrt(V) of some thousands.
///
/// For V = 0 the averages are the values at M. Only there do the derivatives of Relu leave out the
/// delta functions at its kink, as Relu::derivatives does.
///
/// One object serves any number of threads. Nothing is allocated after construction.
class NeuronAverage {
 public:
  /// Throws what check_activation and check_label throw.
  NeuronAverage(const Activation& activation, Loss loss, double label);

  /// E f^(n) for n = 0, ..., order, with 0 <= order <= 3; zero beyond.
  std::array<double, 4> slopes(const GaussianNeuron& at, int order = 3) const;

  /// E loss.
  double loss(const GaussianNeuron& at) const;

  /// E d loss / dv.
  double second_layer_slope(const GaussianNeuron& at) const;

 private:
  Activation activation_;
  Loss loss_;
  double label_;
  bool closed_;                 // whether in closed form
  std::vector<double> square_;  // of a polynomial: coefficients of sigma^2 / 2
};

}  // namespace popflow
