#include "flow/one_neuron.hpp"

#include <algorithm>
#include <stdexcept>
#include <variant>

#include <fmt/core.h>

namespace popflow {

const Torus& lattice_of_one_neuron(const Task& task, const Network& network) {
  check_task(task);
  if (network.convolution)
    throw std::invalid_argument("network: must be fully connected, not a convolution");
  return lattice_of(task);
}

void check_one_neuron(const Torus& torus, const Parameters& parameters) {
  if (parameters.hidden() != 1 || parameters.sites() != torus.sites())
    throw std::invalid_argument(fmt::format("weights of {} x {}: must be 1 x {}",
                                            parameters.hidden(), parameters.sites(),
                                            torus.sites()));
}

double cubic_variance(const Activation& activation, double bias) {
  constexpr double smooth = 1e-7, kink = 1e-4;
  return std::holds_alternative<Relu>(activation) ? std::min(kink * bias * bias, smooth) : smooth;
}

}  // namespace popflow
