#pragma once

#include <vector>

#include "popflow/flow/cumulant_term.hpp"
#include "popflow/flow/population_gradient.hpp"
#include "popflow/network/neuron_average.hpp"

namespace popflow {

/// The population gradient of one neuron by the kurtosis closure (Eq. 81 to 84), of
/// any activation and loss: the law of lambda is replaced by a symmetric one with its variance
/// Q = u . C u and its excess kurtosis e = kappa[u, u, u, u] / Q^2, and E[x_i | lambda] by the
/// cubic polynomial of lambda that has the true E[x_i lambda] and E[x_i lambda^3]. The law of
/// lambda / sqrt Q is
///
///     e <= 0      half each N(m, 1 - m^2) and N(-m, 1 - m^2),  m^4 = -e/2
///     0 < e <= 3  half each N(0, 1 + c) and N(0, 1 - c),       c^2 = e/3
///     e > 3       p = 3 / (3 + e) of N(0, 1/p), the rest 0
///
/// continuous in e, and at e = 0 with its first derivative. From -2, the least that a law can have,
/// downwards, where only a truncated cumulant operator leads, e counts as -2.
///
/// Where Q is so small that f is as good as a cubic polynomial, e only enters as Q^2 and is taken
/// for 0, so that gradients of weights of any size are accurate to some 1e-12 of themselves.
///
/// Exact for Gaussian inputs, and to third order in small weights for all. Bias and second layer
/// are averaged over the same law of lambda.
///
/// Cost: that of one contraction, two Fourier transforms and a few averages of the neuron a class.
class KurtosisGradient {
 public:
  /// With one cumulant operator a class, in the task's order. Throws std::invalid_argument for a
  /// bad task, a convolution, or operators of another number or lattice.
  KurtosisGradient(const Task& task, const Network& network,
                   std::vector<CumulantOperator> cumulants);

  const Torus& torus() const { return basis_.torus(); }

  /// Throws std::invalid_argument unless `at` has one neuron with N weights.
  void operator()(const Parameters& at, Parameters& out) const;

 private:
  struct ClassTerm {
    CumulantTerm moments;
    NeuronAverage average;
  };

  // Adds the gradient by the weights u to `sum`, both in the real Fourier basis.
  void add(const ClassTerm& term, const Field& u, const Parameters& at, Field& sum,
           Parameters& out) const;

  FourierBasis basis_;
  Activation activation_;
  std::vector<ClassTerm> terms_;
};

}  // namespace popflow
