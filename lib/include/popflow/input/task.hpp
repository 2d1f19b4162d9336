#pragma once

#include <vector>

#include "popflow/input/input.hpp"

namespace popflow {

/// One class of a task: its label y_c, its probability p_c, and the law of its inputs.
struct TaskClass {
  double label;
  double probability;
  Input input;
};

/// The classes of inputs that the network learns to tell apart.
using Task = std::vector<TaskClass>;

/// The lattice of a task's inputs. Throws std::invalid_argument for a task without classes.
const Torus& lattice_of(const Task& task);

/// The same. Throws std::invalid_argument unless there is a class, all lattices agree, labels are
/// finite, and probabilities are positive and sum to 1 within 1e-9.
const Torus& check_task(const Task& task);

}  // namespace popflow
