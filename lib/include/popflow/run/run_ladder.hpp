#pragma once

#include <optional>

#include "popflow/experiment/experiment.hpp"
#include "popflow/results/ladder.hpp"
#include "popflow/run/run.hpp"

namespace popflow {

/// Runs every kind of flow on an experiment, all from initial_parameters, at the snapshots of
/// [flow]:
///
///     population   the orbit average with flow.samples, flow.step and flow.runs, at least two runs
///     quartic ...  every kind in closed form; "latent" with 1, 2 and 3 directions. Tolerances of
///                  the file are kept. flow.stationary_rate is not used
///     sgd          the network's own loss, as section [sgd] says, at least two runs; without that
///                  section by its defaults, four runs. The learning rate must not exceed the time
///                  between two snapshots
///     sgd quartic  the same on the quartic loss
///
/// A row that does not apply to this experiment holds the reason. If the ladder is interrupted
/// before the population is finished, nothing is returned; later, the finished rows are kept.
/// Throws InvalidExperiment if the experiment has no section [flow], or no orbit average.
std::optional<Ladder> run_ladder(const Experiment& experiment, const RunHooks& hooks = {});

}  // namespace popflow
