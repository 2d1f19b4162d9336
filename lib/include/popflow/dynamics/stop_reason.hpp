#pragma once

#include <string_view>

namespace popflow {

/// Why an integration or a training run ended.
enum class StopReason {
  reached_end,  ///< the last scheduled time
  stationary,   ///< the state has stopped moving
  step_limit,   ///< as many steps as allowed, before the end
  not_finite,   ///< the state or its rate diverged
  interrupted,  ///< asked to stop
  stopped,      ///< by its observer
};

/// The enumerator's own name, for results and messages: "reached_end", ...
std::string_view name(StopReason reason);

}  // namespace popflow
