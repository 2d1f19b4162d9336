#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "popflow/dynamics/gradient_flow.hpp"
#include "popflow/dynamics/integrate.hpp"
#include "popflow/dynamics/orbit_flow.hpp"
#include "popflow/experiment/decompose.hpp"
#include "popflow/experiment/flow_gradient.hpp"
#include "popflow/experiment/flow_kinds.hpp"
#include "popflow/experiment/parameter_run.hpp"
#include "popflow/experiment/run.hpp"
#include "popflow/flow/quartic_flow.hpp"

namespace popflow {

namespace {

void tell(const RunHooks& hooks, const std::string& what) {
  if (hooks.stage) hooks.stage(what);
}

void tell(const RunHooks& hooks, double share) {
  if (hooks.progress) hooks.progress(share);
}

// The run so far, from an integrator whose states are turned into Parameters::values by values_of;
// neglected(state) are the terms that an expansion neglects, nothing of another flow.
// The last state is recorded even where the flow stopped between two snapshots.
template <class Flow, class ValuesOf, class Neglected>
ParameterRun integrate_run(const Experiment& experiment, Flow& flow, Eigen::VectorXd state,
                           const ValuesOf& values_of, const Neglected& neglected,
                           const RunHooks& hooks) {
  const FlowSpec& spec = flow_spec(experiment);
  const Parameters shape = initial_parameters(experiment);
  ParameterRun run;
  const auto record = [&](const Eigen::VectorXd& now, double tau) {
    run.record(shape, values_of(now), tau);
    if (const std::optional<double> terms = neglected(now)) run.neglected_terms.push_back(*terms);
  };
  const auto observe = [&](const Eigen::VectorXd& now, double tau) {
    record(now, tau);
    tell(hooks, tau / spec.t_end);
  };
  IntegrationOptions options = integration_options(spec);
  options.interrupted = hooks.interrupted;
  tell(hooks, "flow");
  run.end = integrate(flow, state, snapshot_times(spec), observe, options);
  if (run.time.empty() || run.end.tau > run.time.back()) record(state, run.end.tau);
  return run;
}

ParameterRun quartic_run(const Experiment& experiment, const RunHooks& hooks,
                         std::optional<double>& cumulant_error) {
  const FlowSpec& spec = flow_spec(experiment);
  const Neuron neuron = single_neuron(experiment);
  tell(hooks, "fourth cumulant");
  FlowCumulants cumulants = flow_cumulants(experiment, spec, hooks.interrupted);
  cumulant_error = cumulants.relative_error;
  QuarticFlow flow(experiment.task, neuron, experiment.network.loss,
                   std::move(cumulants.operators));
  FourierTransform fourier(experiment.torus());
  Parameters parameters = initial_parameters(experiment);
  const Eigen::VectorXd state = state_of(fourier, parameters.first());
  return integrate_run(
      experiment, flow, state,
      [&](const Eigen::VectorXd& now) {
        parameters.first() = weights_of(fourier, now);
        return parameters.values;
      },
      [&flow](const Eigen::VectorXd& now) { return std::optional(flow.neglected_terms(now)); },
      hooks);
}

ParameterRun closed_form_run(const Experiment& experiment, const RunHooks& hooks,
                             std::optional<double>& cumulant_error) {
  tell(hooks, "closed form");
  FlowGradient made = flow_gradient(experiment, flow_spec(experiment), hooks.interrupted);
  cumulant_error = made.cumulant_error;
  const Parameters initial = initial_parameters(experiment);
  GradientFlow flow(std::move(made.gradient), initial, experiment.network.learning);
  Parameters parameters = initial;
  return integrate_run(
      experiment, flow, initial.values, [](const Eigen::VectorXd& now) { return now; },
      [&](const Eigen::VectorXd& now) {
        parameters.values = now;
        return flow.gradient().neglected_terms(parameters);
      },
      hooks);
}

ParameterRun orbit_run(const Experiment& experiment, int run, const RunHooks& hooks) {
  const FlowSpec& spec = flow_spec(experiment);
  const Parameters initial = initial_parameters(experiment);
  OrbitFlow flow(experiment.task, network_of(experiment), initial, experiment.network.learning,
                 {spec.samples, experiment.seed, static_cast<std::uint32_t>(run)});
  ParameterRun orbit;
  Eigen::VectorXd state = initial.values;
  const auto observe = [&](const Eigen::VectorXd& now, double tau) {
    orbit.record(initial, now, tau);
    tell(hooks, (run + tau / spec.t_end) / spec.runs);
  };
  orbit.end = integrate_fixed(flow, state, snapshot_times(spec), observe,
                              {.step = spec.step, .interrupted = hooks.interrupted});
  return orbit;
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
  // A run that was interrupted goes, unless it is the only one. One that diverged stays: the others
  // alone would be another ensemble.
  if (runs.back().end.reason == StopReason::interrupted && runs.size() > 1) runs.pop_back();
  cut_to_common(runs);
  Run run{results_of(experiment, "flow", end.reason), end.reason, runs.front().time.back(), {}};
  put_runs(run.results, runs);
  run.counts = {{"steps", static_cast<std::int64_t>(end.steps)},
                {"evaluations", static_cast<std::int64_t>(end.evaluations)}};
  return run;
}

}  // namespace

Results results_of(const Experiment& experiment, const std::string& kind, StopReason reason) {
  Results results;
  results.kind = kind;
  results.stop_reason = name(reason);
  results.seed = experiment.seed;
  results.torus = experiment.torus();
  results.experiment = experiment.text;
  results.overrides = joined_overrides(experiment);
  results.files = files_of(experiment);
  return results;
}

Run run_flow(const Experiment& experiment, const RunHooks& hooks) {
  const FlowForm form = applicable_kind(experiment, flow_spec(experiment)).form;
  if (form == FlowForm::orbit) {
    Run run = finished(experiment, orbit_runs(experiment, hooks));
    run.counts["runs"] = static_cast<std::int64_t>(run.results.runs.size());
    return run;
  }
  std::optional<double> cumulant_error;
  const ParameterRun only = form == FlowForm::quartic
                                ? quartic_run(experiment, hooks, cumulant_error)
                                : closed_form_run(experiment, hooks, cumulant_error);
  Run run = finished(experiment, {only});
  run.counts["rejected"] = static_cast<std::int64_t>(only.end.rejected);
  run.results.cumulant_error = cumulant_error;
  return run;
}

}  // namespace popflow
