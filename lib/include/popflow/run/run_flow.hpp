#pragma once

#include "popflow/experiment/experiment.hpp"
#include "popflow/run/run.hpp"

namespace popflow {

/// Integrates the flow of an experiment, of any kind (FlowSpec::kind). The last state is kept also
/// where the flow stopped between two snapshots, but for the orbit average: of its runs, the
/// snapshots that all have.
/// Throws InvalidExperiment where the experiment has no such flow.
Run run_flow(const Experiment& experiment, const RunHooks& hooks = {});

}  // namespace popflow
