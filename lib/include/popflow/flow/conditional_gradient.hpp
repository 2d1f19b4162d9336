#pragma once

#include <vector>

#include "popflow/flow/population_gradient.hpp"
#include "popflow/input/marginal_average.hpp"
#include "popflow/input/task.hpp"
#include "popflow/lattice/fourier.hpp"
#include "popflow/network/neuron_average.hpp"

namespace popflow {

/// The population gradient of one neuron by the conditional central limit theorem [LSG24], of any
/// activation and loss, for inputs with any pointwise marginal (Eq. 77, 78): given the
/// input x_i at one site, lambda is taken to be Gaussian with the mean and variance of linear
/// regression on x_i,
///
///     lambda | x_i ~ N(a_i x_i, Q - a_i^2 C_ii),      a_i = (C u)_i / C_ii,      Q = u . C u
///     E[x_i f] = E_{x_i}[ x_i E f(lambda | x_i) ]
///
/// For the bias and the second layer, which single out no site, lambda ~ N(0, Q).
///
/// It is exact for Gaussian inputs. For other inputs it is exact in the linear term of small
/// weights, but not in the cubic term: there it replaces the fourth cumulant kappa_ijkl, with x_i
/// the site of the gradient, by kappa_iiii C_ij C_ik C_il / C_ii^3. If f is smooth, the average
/// over x_i is accurate to about 1e-12 (MarginalAverage).
///
/// For weights so small that f is a cubic polynomial to rounding, the moments of x_i replace the
/// average over it. The gradient is then accurate to about 1e-12 of itself at weights of any size.
///
/// It costs, for each class, two Fourier transforms and N times 2 asinh(9 g) / 0.15 averages of the
/// neuron.
class ConditionalGradient {
 public:
  /// Throws std::invalid_argument for a bad task, a convolution, or an input that does not state
  /// how it is made from a Gaussian field (Input::pointwise).
  ConditionalGradient(const Task& task, const Network& network);

  const Torus& torus() const { return fourier_.torus(); }

  /// Throws std::invalid_argument unless `at` has one neuron with N weights.
  void operator()(const Parameters& at, Parameters& out) const;

 private:
  struct ClassTerm {
    double probability;
    Field spectrum;
    double variance;  // C_ii
    double fourth;    // E x_i^4
    MarginalAverage marginal;
    NeuronAverage average;
  };

  // For the half-spectrum of u.
  void add(const ClassTerm& term, const Spectrum& u, const Parameters& at, Parameters& out) const;

  Activation activation_;
  FourierTransform fourier_;
  std::vector<ClassTerm> terms_;
};

}  // namespace popflow
