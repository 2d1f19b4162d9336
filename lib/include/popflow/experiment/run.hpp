#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "popflow/dynamics/ensemble.hpp"
#include "popflow/experiment/experiment.hpp"
#include "popflow/experiment/results.hpp"

namespace popflow {

/// What a run tells, and asks, while it goes on; each may be left empty. Called by the thread that
/// runs, `interrupted` by any.
struct RunHooks {
  std::function<void(const std::string& what)> stage;  ///< the run now does this
  std::function<void(double share)> progress;          ///< of it, from 0 to 1
  std::function<bool()> interrupted;                   ///< whether to stop and keep what there is
};

/// A run and how it ended. The results have everything but their provenance.
struct Run {
  Results results;
  StopReason reason = StopReason::reached_end;
  double tau = 0.0;
  std::map<std::string, std::int64_t> counts;  ///< steps, evaluations and the like

  /// Whether it came to the end, or to rest.
  bool complete() const {
    return reason == StopReason::reached_end || reason == StopReason::stationary;
  }
};

/// The results of an experiment without snapshots and provenance.
Results results_of(const Experiment& experiment, const std::string& kind, StopReason reason);

/// Integrates the flow of an experiment, of any kind (FlowSpec::kind). The last state is kept also
/// where the flow stopped between two snapshots, but for the orbit average: of its runs, the
/// snapshots that all have.
/// Throws InvalidExperiment where the experiment has no such flow.
Run run_flow(const Experiment& experiment, const RunHooks& hooks = {});

/// A warning, in one line, that a flow by expansion neglects terms above largest_neglected_terms
/// (flow/expansion.hpp): how much at most, from which tau on, and which kinds of flow do not
/// expand. Empty if there is nothing to say. `neglected_terms` has one value for each time, or none
/// at all.
std::string neglected_terms_message(const Experiment& experiment, const std::vector<double>& time,
                                    const std::vector<double>& neglected_terms);

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
