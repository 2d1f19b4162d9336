#pragma once

#include <string>
#include <vector>

#include "popflow/experiment/source.hpp"

namespace popflow {

/// The parts of a results file from which its run can be repeated.
struct RunRecord {
  std::string kind;         ///< "flow", "sgd", "fixed_point", "decomposition", "sweep", "ladder"
  std::string stop_reason;  ///< of a sweep or a decomposition empty
  ExperimentSource experiment;
  std::vector<std::string> overrides;  ///< KEY=VALUE
  std::string sweep;                   ///< text of the sweep file; empty where it is none
};

/// Throws InvalidResults.
RunRecord read_record(const std::string& path);

}  // namespace popflow
