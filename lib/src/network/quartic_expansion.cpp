#include "popflow/network/quartic_expansion.hpp"

#include <stdexcept>

#include "popflow/network/checks.hpp"

namespace popflow {

// Derivatives of l(v sigma(lambda + b)) by Faa di Bruno's formula, with l_n and g_n = v s_n those
// of its two factors.
QuarticExpansion quartic_expansion(const Neuron& neuron, Loss loss, double label) {
  if (std::holds_alternative<Relu>(neuron.activation))
    throw std::invalid_argument("activation relu: has no expansion to fourth order");
  check_neuron(neuron);
  check_label(loss, label);
  const double v = neuron.second_layer;
  const auto [s0, s1, s2, s3, s4, s5] = derivatives(neuron.activation, neuron.bias);
  const double g1 = v * s1, g2 = v * s2, g3 = v * s3, g4 = v * s4;
  const auto [l0, l1, l2, l3, l4] = loss_derivatives(loss, v * s0, label);
  return {l2 * g1 * g1 + l1 * g2, l4 * g1 * g1 * g1 * g1 + 6.0 * l3 * g1 * g1 * g2 +
                                      l2 * (3.0 * g2 * g2 + 4.0 * g1 * g3) + l1 * g4};
}

}  // namespace popflow
