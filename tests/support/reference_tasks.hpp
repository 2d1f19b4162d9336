#pragma once

#include <vector>

#include "popflow/input/task.hpp"
#include "popflow/network/loss.hpp"

#include "reference_inputs.hpp"

namespace popflow::test {

/// Non-linear Gaussian fields of two correlation lengths, labels +1 (long) and -1 (short), with
/// equal probabilities: the task of [IG22].
inline Task two_lengths(const std::vector<int>& shape, double gain, double xi_plus,
                        double xi_minus) {
  return {{1.0, 0.5, nlgp(shape, gain, xi_plus)}, {-1.0, 0.5, nlgp(shape, gain, xi_minus)}};
}

/// A task without any equality that could hide a mistake: three classes of different probability,
/// label, gain and correlation length, one of them Gaussian.
inline Task lopsided_task(const std::vector<int>& shape) {
  return {{0.8, 0.5, nlgp(shape, 3.0, 2.0)},
          {-1.1, 0.3, nlgp(shape, 0.9, 0.8)},
          {0.3, 0.2, gaussian_clone(nlgp(shape, 1.5, 1.3))}};
}

/// The same task with labels that the loss takes: of the logistic loss their signs.
inline Task labelled_for(Loss loss, Task task) {
  if (loss == Loss::logistic)
    for (TaskClass& c : task) c.label = c.label > 0.0 ? 1.0 : -1.0;
  return task;
}

/// The same task with every input replaced by its Gaussian clone.
inline Task gaussian_clones(const Task& task) {
  Task clones;
  for (const TaskClass& c : task)
    clones.push_back({c.label, c.probability, gaussian_clone(c.input)});
  return clones;
}

}  // namespace popflow::test
