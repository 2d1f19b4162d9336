#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "popflow/dynamics/stop_reason.hpp"
#include "popflow/experiment/experiment.hpp"
#include "popflow/results/results.hpp"

namespace popflow {

/// Functions that a run calls while it goes on; each may be left empty. The thread that runs calls
/// them, except `interrupted`, which any thread may call.
struct RunHooks {
  std::function<void(const std::string& what)> stage;  ///< the run now does this
  std::function<void(double share)> progress;          ///< of it, from 0 to 1
  std::function<bool()> interrupted;                   ///< whether to stop and keep what there is
};

/// A run and how it ended. The results have everything but their provenance.
struct Run {
  Results results;
  StopReason reason = StopReason::reached_end;
  double tau = 0.0;
  std::map<std::string, std::int64_t> counts;  ///< steps, evaluations and the like

  /// Whether it came to the end, or to rest.
  bool complete() const {
    return reason == StopReason::reached_end || reason == StopReason::stationary;
  }
};

/// The results of an experiment without snapshots and provenance.
Results results_of(const Experiment& experiment, const std::string& kind, StopReason reason);

}  // namespace popflow
