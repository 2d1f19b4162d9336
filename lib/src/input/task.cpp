#include "popflow/input/task.hpp"

#include <cmath>
#include <stdexcept>

#include <fmt/core.h>

#include "input/check_number.hpp"

namespace popflow {

const Torus& check_task(const Task& task) {
  const Torus& torus = lattice_of(task);
  double total = 0.0;
  for (const TaskClass& c : task) {
    if (!(c.input.torus() == torus))
      throw std::invalid_argument("task: all classes must live on the same lattice");
    check_finite("label", c.label);
    check_number(c.probability > 0.0, "probability", c.probability, "positive");
    total += c.probability;
  }
  if (!(std::abs(total - 1.0) <= 1e-9))
    throw std::invalid_argument(fmt::format("probabilities sum to {}: must sum to 1", total));
  return torus;
}

const Torus& lattice_of(const Task& task) {
  if (task.empty()) throw std::invalid_argument("task: needs at least one class");
  return task.front().input.torus();
}

}  // namespace popflow
