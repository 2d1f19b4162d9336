#include "flow/one_neuron.hpp"

#include <algorithm>
#include <stdexcept>
#include <variant>

namespace popflow {

const Torus& lattice_of_one_neuron(const Task& task, const Network& network) {
  const Torus& torus = check_task(task);
  if (network.convolution)
    throw std::invalid_argument("network: must be fully connected, not a convolution");
  return torus;
}

double cubic_variance(const Activation& activation, double bias) {
  constexpr double smooth = 1e-7, kink = 1e-4;
  return std::holds_alternative<Relu>(activation) ? std::min(kink * bias * bias, smooth) : smooth;
}

}  // namespace popflow
