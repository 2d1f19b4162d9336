#include "popflow/dynamics/learning.hpp"

#include "input/check_number.hpp"

namespace popflow {

void check_learning(const Learning& learning) {
  check_not_negative("bias rate", learning.bias_rate);
  check_not_negative("second-layer rate", learning.second_layer_rate);
  check_not_negative("l1", learning.l1);
  check_not_negative("l2", learning.l2);
}

// (Eq. 54); for one layer that learns, the step of (Eq. 22).
void parameter_rate(const Learning& learning, const Parameters& parameters,
                    const Parameters& gradient, Parameters& rate) {
  auto first = rate.first();
  first = -gradient.first();
  if (learning.l2 > 0.0) first -= learning.l2 * parameters.first();
  if (learning.l1 > 0.0) first.array() -= learning.l1 * parameters.first().array().sign();
  rate.bias() = -learning.bias_rate * gradient.bias();
  rate.second() = -learning.second_layer_rate * gradient.second();
}

}  // namespace popflow
