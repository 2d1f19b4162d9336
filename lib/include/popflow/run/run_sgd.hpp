#pragma once

#include <functional>
#include <vector>

#include "popflow/dynamics/ensemble.hpp"
#include "popflow/experiment/experiment.hpp"
#include "popflow/run/run.hpp"

namespace popflow {

/// Trains the network of an experiment, sgd.runs times, from initial_parameters, and takes all
/// measurements(). Throws InvalidExperiment if the experiment has no section [sgd].
Run run_sgd(const Experiment& experiment, const RunHooks& hooks = {});

/// The results of an ensemble, however its runs ended. If it was interrupted, they are those of the
/// complete runs, or, if no run is complete, of the unfinished runs up to their last common
/// snapshot. A run that diverged stays in, since the others alone would be another ensemble. If
/// `interrupted`, which any thread may call, returns true, measurements are left out and the run
/// counts as interrupted.
Run finished_sgd(const Experiment& experiment, std::vector<EnsembleRun> ensemble,
                 const std::function<bool()>& interrupted = {});

}  // namespace popflow
