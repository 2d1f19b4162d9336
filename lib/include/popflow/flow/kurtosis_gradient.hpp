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
/// The law is continuous in e, and so is its first derivative at e = 0. No law has e < -2; a
/// truncated cumulant operator may lead there, and e then counts as -2.
///
/// For very small Q, f is a cubic polynomial to rounding, and e enters only as Q^2. There e is set
/// to 0, so that gradients at weights of any size are accurate to 1e-12 of themselves.
///
/// The gradient is exact for Gaussian inputs, and to third order in small weights for all inputs.
/// Bias and second layer are averaged over the same law of lambda.
///
/// It costs, for each class, one contraction, two Fourier transforms and a few averages of the
/// neuron.
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
