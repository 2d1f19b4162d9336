#pragma once

#include <functional>
#include <vector>

#include "popflow/dynamics/ensemble.hpp"
#include "popflow/experiment/experiment.hpp"
#include "popflow/run/run.hpp"

namespace popflow {

/// Trains the network of an experiment, sgd.runs times, from initial_parameters, and takes all
/// measurements(). Throws InvalidExperiment where the experiment has no section [sgd].
Run run_sgd(const Experiment& experiment, const RunHooks& hooks = {});

/// What an ensemble left, however its runs ended: of an interrupted one the complete runs, or
/// without any those under way, cut to their common snapshots. One that diverged stays in, since
/// the others alone would be another ensemble. Where `interrupted`, asked by any thread, says so,
/// it leaves out the measurements, and the run counts as interrupted.
Run finished_sgd(const Experiment& experiment, std::vector<EnsembleRun> ensemble,
                 const std::function<bool()>& interrupted = {});

}  // namespace popflow
