#include "popflow/run/run_sgd.hpp"

#include <algorithm>
#include <utility>

#include "popflow/measure/receptive_field.hpp"
#include "popflow/moments/interrupted.hpp"
#include "popflow/run/measurements.hpp"
#include "popflow/run/parameter_run.hpp"
#include "popflow/run/run.hpp"

namespace popflow {

namespace {

std::vector<EnsembleRun> kept(std::vector<EnsembleRun> ensemble) {
  const bool some_complete = std::any_of(
      ensemble.begin(), ensemble.end(),
      [](const EnsembleRun& run) { return run.result.reason == StopReason::reached_end; });
  std::vector<EnsembleRun> keep;
  for (EnsembleRun& run : ensemble)
    if (run.result.reason != StopReason::interrupted || (!some_complete && run.time.size() > 1))
      keep.push_back(std::move(run));
  if (keep.empty()) keep.push_back(std::move(ensemble.front()));
  return keep;
}

// How the ensemble ended: as one of its runs that stopped early, if there is one.
StopReason reason_of(const std::vector<EnsembleRun>& ensemble) {
  for (const EnsembleRun& run : ensemble)
    if (run.result.reason != StopReason::reached_end) return run.result.reason;
  return StopReason::reached_end;
}

std::vector<Weights> fields_of(const Experiment& experiment, const EnsembleRun& run) {
  std::vector<Weights> fields;
  for (const Parameters& parameters : run.parameters)
    fields.push_back(
        receptive_fields(experiment.torus(), network_of(experiment), parameters.first()));
  return fields;
}

}  // namespace

Run run_sgd(const Experiment& experiment, const RunHooks& hooks) {
  const SgdSpec& spec = sgd_spec(experiment);
  std::vector<EnsembleRun> ensemble = new_ensemble(initial_parameters(experiment), spec.runs);
  TrainingOptions options = training_options(experiment);
  options.interrupted = hooks.interrupted;
  if (hooks.stage) hooks.stage("SGD");
  train_ensemble({experiment.task, network_of(experiment), options}, snapshot_times(spec),
                 ensemble);
  return finished_sgd(experiment, std::move(ensemble), hooks.interrupted);
}

Run finished_sgd(const Experiment& experiment, std::vector<EnsembleRun> ensemble,
                 const std::function<bool()>& interrupted) {
  const StopReason reason = reason_of(ensemble);
  std::int64_t steps = 0;
  for (const EnsembleRun& run : ensemble) steps += static_cast<std::int64_t>(run.result.steps);

  ensemble = kept(std::move(ensemble));
  cut_to_common(ensemble);
  Run run{results_of(experiment, "sgd", reason), reason, ensemble.front().time.back(), {}};
  run.results.time = ensemble.front().time;
  for (const EnsembleRun& each : ensemble) run.results.runs.push_back(fields_of(experiment, each));
  // A user who interrupts a run does not want to wait for measurements.
  if (reason != StopReason::interrupted) try {
      run.results.series = measurements(experiment, ensemble.front().parameters, interrupted);
    } catch (const Interrupted&) {
      run.reason = StopReason::interrupted;
      run.results.stop_reason = name(run.reason);
    }
  run.counts = {{"steps", steps}, {"runs", static_cast<std::int64_t>(run.results.runs.size())}};
  return run;
}

}  // namespace popflow
