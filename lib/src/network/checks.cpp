#include "popflow/network/checks.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <variant>

#include "input/check_number.hpp"

namespace popflow {

void check_label(Loss loss, double label) {
  check_finite("label", label);
  check_number(loss != Loss::logistic || std::abs(label) == 1.0, "label", label,
               "1 or -1 with loss = \"logistic\"");
}

void check_labels(const Task& task, Loss loss) {
  for (const TaskClass& c : task) check_label(loss, c.label);
}

void check_activation(const Activation& activation) {
  const auto* polynomial = std::get_if<Polynomial>(&activation);
  if (!polynomial) return;
  const auto& c = polynomial->coefficients;
  if (c.empty() || !std::all_of(c.begin(), c.end(), [](double x) { return std::isfinite(x); }))
    throw std::invalid_argument("coefficients: must be finite numbers, at least one");
}

void check_neuron(const Neuron& neuron) {
  check_activation(neuron.activation);
  check_finite("bias", neuron.bias);
  check_finite("second layer", neuron.second_layer);
}

}  // namespace popflow
