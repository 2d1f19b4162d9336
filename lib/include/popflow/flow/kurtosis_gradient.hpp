#pragma once

#include <vector>

#include "popflow/flow/population_gradient.hpp"
#include "popflow/input/task.hpp"
#include "popflow/lattice/fourier.hpp"
#include "popflow/moments/cumulant_operator.hpp"
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

  /// Throws std::invalid_argument unless `at` has one neuron with N weights. Allocates nothing
  /// (where the operators do not).
  void operator()(const Parameters& at, Parameters& out);

 private:
  struct ClassTerm {
    double probability;
    Field spectrum;
    CumulantOperator cumulant;
    NeuronAverage average;
  };

  void add(ClassTerm& term, const Parameters& at, Parameters& out);

  FourierTransform fourier_;
  Activation activation_;
  Field multiplicity_;
  std::vector<ClassTerm> terms_;
  Spectrum u_, product_, cube_;  // scratch
  Field sites_;
};

}  // namespace popflow
