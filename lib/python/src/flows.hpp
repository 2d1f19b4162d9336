#pragma once

#include "popflow/flow/any_flow.hpp"

#include "bindings.hpp"
#include "values.hpp"

namespace popflow::python {

/// A flow in Python, with the arguments from which it was made. Its states are arrays: the values
/// of State.
struct BoundFlow {
  AnyFlow flow;
  Made made;
};

/// The array as a state of the flow. Throws std::invalid_argument for another size.
inline State state_of(const BoundFlow& bound, Eigen::VectorXd values) {
  return {bound.flow.layout(), std::move(values)};
}

}  // namespace popflow::python
