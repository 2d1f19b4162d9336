#include "popflow/dynamics/stop_reason.hpp"

#include <stdexcept>

namespace popflow {

std::string_view name(StopReason reason) {
  switch (reason) {
    case StopReason::reached_end:
      return "reached_end";
    case StopReason::stationary:
      return "stationary";
    case StopReason::step_limit:
      return "step_limit";
    case StopReason::not_finite:
      return "not_finite";
    case StopReason::interrupted:
      return "interrupted";
    case StopReason::stopped:
      return "stopped";
  }
  throw std::invalid_argument("stop reason: not one of the enumerators");
}

}  // namespace popflow
