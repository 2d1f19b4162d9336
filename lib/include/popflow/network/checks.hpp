#pragma once

#include "popflow/input/task.hpp"
#include "popflow/network/activation.hpp"
#include "popflow/network/loss.hpp"
#include "popflow/network/neuron.hpp"

namespace popflow {

// What losses, activations and neurons may be. Whoever takes them calls these, and so does who
// reads them from a file: every message is "what: what is allowed".

/// Throws std::invalid_argument unless the label is finite and one that the loss takes: +1 or -1 of
/// the logistic loss.
void check_label(Loss loss, double label);

/// check_label of every class.
void check_labels(const Task& task, Loss loss);

/// Throws std::invalid_argument unless a polynomial has coefficients, and finite ones.
void check_activation(const Activation& activation);

/// check_activation; and throws std::invalid_argument unless bias and second layer are finite.
void check_neuron(const Neuron& neuron);

}  // namespace popflow
