#pragma once

#include <string>
#include <vector>

#include "popflow/network/loss.hpp"
#include "popflow/network/neuron.hpp"

namespace popflow::test {

struct NamedNeuron {
  std::string name;
  Neuron neuron;
};

/// A neuron of every activation, with a bias where no derivative of it vanishes and a second-layer
/// weight different from 1.
inline std::vector<NamedNeuron> reference_neurons() {
  return {{"erf", {Erf{}, -0.7, 0.8}},
          {"tanh", {Tanh{}, 0.4, -1.3}},
          {"logistic", {Logistic{}, -1.1, 2.5}},
          {"polynomial", {Polynomial{{0.2, 0.7, -0.3, 0.1, 0.05, -0.02}}, 0.6, 1.4}}};
}

inline constexpr Loss losses[] = {Loss::squared, Loss::correlation, Loss::logistic};

inline std::string name(Loss loss) {
  if (loss == Loss::squared) return "squared";
  return loss == Loss::correlation ? "correlation" : "logistic";
}

}  // namespace popflow::test
