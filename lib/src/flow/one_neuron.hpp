#pragma once

#include "popflow/input/task.hpp"
#include "popflow/network/network.hpp"

namespace popflow {

/// The task's lattice. Throws std::invalid_argument for a bad task and for a convolution.
const Torus& lattice_of_one_neuron(const Task& task, const Network& network);

/// Throws std::invalid_argument unless these are the parameters of one neuron with N weights.
void check_one_neuron(const Torus& torus, const Parameters& parameters);

/// Up to which variance Q of the pre-activation f = d loss / d lambda is as good as a cubic
/// polynomial, so that averages may take its derivatives for differences: these lose 1 / sqrt Q of
/// their accuracy, the polynomial neglects Q^2. 1e-7, but with a kink 1e-4 of its squared distance.
double cubic_variance(const Activation& activation, double bias);

}  // namespace popflow
