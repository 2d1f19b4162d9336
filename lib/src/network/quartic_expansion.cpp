#include "popflow/network/quartic_expansion.hpp"

#include <stdexcept>

#include "popflow/network/checks.hpp"

#include "network/neuron_loss.hpp"

namespace popflow {

QuarticExpansion quartic_expansion(const Neuron& neuron, Loss loss, double label) {
  if (std::holds_alternative<Relu>(neuron.activation))
    throw std::invalid_argument("activation relu: has no expansion to fourth order");
  check_neuron(neuron);
  check_label(loss, label);
  const NeuronLoss of{loss, label, neuron.second_layer};
  const auto by_lambda = of(derivatives(neuron.activation, neuron.bias)).by_x;
  return {by_lambda[2], by_lambda[4]};
}

}  // namespace popflow
