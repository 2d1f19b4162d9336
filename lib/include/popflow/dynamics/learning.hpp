#pragma once

#include "popflow/network/network.hpp"

namespace popflow {

/// The parts of a network that learn, and their rates. Rates multiply the gradient of the loss.
/// The rate of the first layer is 1, and it alone has weight decay.
struct Learning {
  double bias_rate = 0.0;          ///< at least 0; 0: fixed
  double second_layer_rate = 0.0;  ///< at least 0; 0: fixed

  /// Weight decay of the first layer: adds l1 sum |u| + l2 / 2 sum u^2 to the loss. At least 0.
  double l1 = 0.0;
  double l2 = 0.0;
};

/// Throws std::invalid_argument for values outside their ranges.
void check_learning(const Learning& learning);

/// rate = d parameters / d tau, from the gradient of the loss at the parameters.
void parameter_rate(const Learning& learning, const Parameters& parameters,
                    const Parameters& gradient, Parameters& rate);

}  // namespace popflow
