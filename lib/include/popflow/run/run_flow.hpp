#pragma once

#include "popflow/experiment/experiment.hpp"
#include "popflow/run/run.hpp"

namespace popflow {

/// Integrates the flow of an experiment, of any kind (FlowSpec::kind). If a closed-form flow stops
/// between two snapshots, its last state is kept too. An orbit average keeps the
/// snapshots that all of its runs have. Throws InvalidExperiment if the experiment has no such
/// flow.
Run run_flow(const Experiment& experiment, const RunHooks& hooks = {});

}  // namespace popflow
