#pragma once

#include <vector>

#include "popflow/dynamics/integration_options.hpp"

namespace popflow {

/// The states of an integration, and how it ended. `states` are those at the scheduled times that
/// were reached, the first included. `last` is the last accepted state, at the time end.tau. It
/// lies between two scheduled times if the integration stopped early.
template <class State>
struct Trajectory {
  std::vector<double> time;
  std::vector<State> states;  ///< as many
  State last;
  IntegrationResult end;
};

}  // namespace popflow
