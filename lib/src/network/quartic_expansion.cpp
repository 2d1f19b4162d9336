#include "popflow/network/quartic_expansion.hpp"

namespace popflow {

QuarticExpansion quartic_expansion(const Neuron& neuron, Loss loss, double label) {
  const auto [s0, s1, s2, s3, s4, s5] = derivatives(neuron.activation, neuron.bias);
  const double v = neuron.second_layer;
  QuarticExpansion expansion{-label * v * s2, -label * v * s4};
  if (loss == Loss::squared) {
    expansion.A2 += v * v * (s1 * s1 + s0 * s2);
    expansion.A4 += v * v * (3.0 * s2 * s2 + 4.0 * s1 * s3 + s0 * s4);
  }
  return expansion;
}

}  // namespace popflow
