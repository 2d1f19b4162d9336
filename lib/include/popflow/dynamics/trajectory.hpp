#pragma once

#include <vector>

#include "popflow/dynamics/integration_options.hpp"

namespace popflow {

/// What an integration went through, and how it ended: states at the scheduled times that were
/// reached, the first included, and the last accepted state, that of end.tau, which lies between
/// two scheduled times if the integration stopped early.
template <class State>
struct Trajectory {
  std::vector<double> time;
  std::vector<State> states;  ///< as many
  State last;
  IntegrationResult end;
};

}  // namespace popflow
