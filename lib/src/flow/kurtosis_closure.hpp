#pragma once

#include "popflow/network/neuron_average.hpp"

namespace popflow {

/// Averages of one neuron over a symmetric law of lambda with the variance Q and the excess
/// kurtosis e that KurtosisGradient describes (Eq. 81 to 84); with h(lambda) the cubic polynomial
/// orthogonal to lambda.
struct KurtosisClosure {
  double linear = 0.0;  // E[lambda f] / Q
  double cubic = 0.0;   // E[h(lambda) f] / E[h(lambda)^2]
  double f = 0.0;       // E f
  double second = 0.0;  // E d loss / dv
};

KurtosisClosure kurtosis_closure(const NeuronAverage& average, double bias, double v, double Q,
                                 double e);

}  // namespace popflow
