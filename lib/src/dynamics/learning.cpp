#include "popflow/dynamics/learning.hpp"

#include <cmath>
#include <stdexcept>

#include <fmt/core.h>

namespace popflow {

namespace {

void check_not_negative(double value, const char* what) {
  if (!(value >= 0.0) || !std::isfinite(value))
    throw std::invalid_argument(fmt::format("{} {}: must be at least 0 and finite", what, value));
}

}  // namespace

void check_learning(const Learning& learning) {
  check_not_negative(learning.bias_rate, "bias rate");
  check_not_negative(learning.second_layer_rate, "second-layer rate");
  check_not_negative(learning.l1, "l1");
  check_not_negative(learning.l2, "l2");
}

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
