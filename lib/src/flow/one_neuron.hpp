#pragma once

#include "popflow/input/task.hpp"
#include "popflow/network/network.hpp"

namespace popflow {

/// The task's lattice. Throws std::invalid_argument for a bad task and for a convolution.
const Torus& lattice_of_one_neuron(const Task& task, const Network& network);

/// The largest variance Q of the pre-activation for which f = d loss / d lambda is a cubic
/// polynomial to rounding, so that averages may use its derivatives instead of differences.
/// Differences lose 1 / sqrt Q of their accuracy; the polynomial neglects Q^2. It is 1e-7, or for
/// an activation with a kink 1e-4 of the squared distance of the kink.
double cubic_variance(const Activation& activation, double bias);

}  // namespace popflow
