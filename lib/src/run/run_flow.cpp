#include "popflow/run/run_flow.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/dynamics/orbit_flow.hpp"
#include "popflow/experiment/experiment_flow.hpp"
#include "popflow/experiment/flow_kinds.hpp"
#include "popflow/moments/interrupted.hpp"
#include "popflow/run/parameter_run.hpp"
#include "popflow/run/run.hpp"

namespace popflow {

namespace {

void tell(const RunHooks& hooks, const std::string& what) {
  if (hooks.stage) hooks.stage(what);
}

void tell(const RunHooks& hooks, double share) {
  if (hooks.progress) hooks.progress(share);
}

ParameterRun recorded(const AnyFlow& flow, Trajectory<State> run) {
  // The last state, also where the flow stopped between two snapshots.
  if (run.time.empty() || run.end.tau > run.time.back()) {
    run.time.push_back(run.end.tau);
    run.states.push_back(std::move(run.last));
  }
  ParameterRun result{std::move(run.time), {}, run.end};
  for (const State& state : run.states) {
    result.parameters.push_back(flow.parameters(state));
    if (const auto terms = flow.neglected_terms(state)) result.neglected_terms.push_back(*terms);
  }
  return result;
}

ParameterRun closed_form_run(const Experiment& experiment, const RunHooks& hooks,
                             std::optional<double>& cumulant_error) try {
  const FlowSpec& spec = flow_spec(experiment);
  tell(hooks, "closed form");
  const ExperimentFlow made = experiment_flow(experiment, hooks.interrupted);
  cumulant_error = made.cumulant_error;
  IntegrationOptions options = integration_options(spec);
  options.interrupted = hooks.interrupted;
  const auto observe = [&](const State&, double tau) { tell(hooks, tau / spec.t_end); };
  tell(hooks, "flow");
  return recorded(made.flow, integrate(made.flow, made.flow.state(initial_parameters(experiment)),
                                       snapshot_times(spec), observe, options));
} catch (const Interrupted&) {  // before it began
  return {{0.0}, {initial_parameters(experiment)}, {.reason = StopReason::interrupted}};
}

ParameterRun orbit_run(const Experiment& experiment, int run, const RunHooks& hooks) {
  const FlowSpec& spec = flow_spec(experiment);
  const Parameters initial = initial_parameters(experiment);
  const AnyFlow flow =
      OrbitFlow(experiment.task, network_of(experiment), initial, experiment.network.learning,
                {spec.samples, experiment.seed, static_cast<std::uint32_t>(run)});
  const auto observe = [&](const State&, double tau) {
    tell(hooks, (run + tau / spec.t_end) / spec.runs);
  };
  Trajectory<State> orbit =
      integrate_fixed(flow, flow.state(initial), snapshot_times(spec), observe,
                      {.step = spec.step, .interrupted = hooks.interrupted});
  ParameterRun result{std::move(orbit.time), {}, orbit.end};
  for (const State& state : orbit.states) result.parameters.push_back(flow.parameters(state));
  return result;
}

// All runs, until one is interrupted.
std::vector<ParameterRun> orbit_runs(const Experiment& experiment, const RunHooks& hooks) {
  const FlowSpec& spec = flow_spec(experiment);
  tell(hooks, fmt::format("orbit average, {} runs", spec.runs));
  std::vector<ParameterRun> runs;
  for (int run = 0; run < spec.runs; ++run) {
    runs.push_back(orbit_run(experiment, run, hooks));
    if (runs.back().end.reason == StopReason::interrupted) break;
  }
  return runs;
}

// How the runs ended: as the first that stopped early, if there is one.
IntegrationResult end_of(const std::vector<ParameterRun>& runs) {
  if (runs.back().end.reason == StopReason::interrupted) return runs.back().end;
  const auto early = std::find_if(runs.begin(), runs.end(), [](const ParameterRun& run) {
    return run.end.reason != StopReason::reached_end;
  });
  return early == runs.end() ? runs.back().end : early->end;
}

Run finished(const Experiment& experiment, std::vector<ParameterRun> runs) {
  const IntegrationResult end = end_of(runs);
  // A run that was interrupted is dropped, unless it is the only one. A run that diverged stays:
  // the others alone would be another ensemble.
  if (runs.back().end.reason == StopReason::interrupted && runs.size() > 1) runs.pop_back();
  cut_to_common(runs);
  Run run{results_of(experiment, "flow", end.reason), end.reason, runs.front().time.back(), {}};
  put_runs(run.results, runs);
  run.counts = {{"steps", static_cast<std::int64_t>(end.steps)},
                {"evaluations", static_cast<std::int64_t>(end.evaluations)}};
  return run;
}

}  // namespace

Run run_flow(const Experiment& experiment, const RunHooks& hooks) {
  if (applicable_kind(experiment, flow_spec(experiment)).sampled()) {
    Run run = finished(experiment, orbit_runs(experiment, hooks));
    run.counts["runs"] = static_cast<std::int64_t>(run.results.runs.size());
    return run;
  }
  std::optional<double> cumulant_error;
  const ParameterRun only = closed_form_run(experiment, hooks, cumulant_error);
  Run run = finished(experiment, {only});
  run.counts["rejected"] = static_cast<std::int64_t>(only.end.rejected);
  run.results.cumulant_error = cumulant_error;
  return run;
}

}  // namespace popflow
