#include "popflow/dynamics/stop_reason.hpp"

#include "dynamics/enumerator_name.hpp"

namespace popflow {

std::string_view name(StopReason reason) {
  return enumerator_name<StopReason::stopped>(
      "stop reason", reason,
      {"reached_end", "stationary", "step_limit", "not_finite", "interrupted", "stopped"});
}

}  // namespace popflow
