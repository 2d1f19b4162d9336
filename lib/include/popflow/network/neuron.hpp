#pragma once

#include "popflow/network/activation.hpp"

namespace popflow {

/// One hidden neuron: phi(x) = v sigma(u . x + b), with b the bias and v the second-layer weight.
/// Its weights u are not part of it: they are what flows and training move.
struct Neuron {
  Activation activation = Erf{};
  double bias = 0.0;
  double second_layer = 1.0;
};

}  // namespace popflow
