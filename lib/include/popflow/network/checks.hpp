#pragma once

#include "popflow/input/task.hpp"
#include "popflow/network/activation.hpp"
#include "popflow/network/loss.hpp"
#include "popflow/network/neuron.hpp"

namespace popflow {

// Checks of losses, activations and neurons. The functions that take them call these checks, and so
// does the reader of experiment files. Every message is "what: what is allowed".

/// Throws std::invalid_argument unless the label is finite and the loss takes it. The logistic loss
/// takes +1 and -1.
void check_label(Loss loss, double label);

/// check_label of every class.
void check_labels(const Task& task, Loss loss);

/// Throws std::invalid_argument for a polynomial without coefficients, or with coefficients that
/// are not finite.
void check_activation(const Activation& activation);

/// Calls check_activation, and throws std::invalid_argument unless bias and second layer are
/// finite.
void check_neuron(const Neuron& neuron);

}  // namespace popflow
