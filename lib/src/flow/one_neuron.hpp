#pragma once

#include "popflow/input/task.hpp"
#include "popflow/network/network.hpp"

namespace popflow {

/// The task's lattice. Throws std::invalid_argument for a bad task and for a convolution.
const Torus& lattice_of_one_neuron(const Task& task, const Network& network);

/// Throws std::invalid_argument unless these are the parameters of one neuron with N weights.
void check_one_neuron(const Torus& torus, const Parameters& parameters);

}  // namespace popflow
