#pragma once

#include "run.hpp"

namespace popflow {

/// popflow flow with a kind of flow_gradient: "gaussian", ...
int run_closed_form(const RunArguments& arguments, const Experiment& experiment,
                    const std::string& command_line);

}  // namespace popflow
