#pragma once

#include "run.hpp"

namespace popflow {

/// popflow flow with kind = "orbit".
int run_orbit(const RunArguments& arguments, const Experiment& experiment,
              const std::string& command_line);

}  // namespace popflow
