#pragma once

#include "popflow/network/loss.hpp"
#include "popflow/network/neuron.hpp"

namespace popflow {

/// Second and fourth derivative, at lambda = 0, of the loss of one neuron as a function of its
/// pre-activation lambda = u . x, for inputs of one label (Eq. 19): to fourth order in u, and for
/// even inputs, the loss is const + A2/2 lambda^2 + A4/24 lambda^4.
struct QuarticExpansion {
  double A2;
  double A4;
};

/// Throws std::invalid_argument for relu, and for what check_neuron and check_label refuse.
QuarticExpansion quartic_expansion(const Neuron& neuron, Loss loss, double label);

}  // namespace popflow
