#pragma once

#include "popflow/network/activation.hpp"

namespace popflow {

/// One hidden neuron: phi(x) = v sigma(u . x + b), with the bias b and the second-layer weight v.
/// Its weights u are not part of it: flows and training change them.
struct Neuron {
  Activation activation = Erf{};
  double bias = 0.0;
  double second_layer = 1.0;
};

}  // namespace popflow
