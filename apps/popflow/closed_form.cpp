#include "closed_form.hpp"

#include <optional>
#include <utility>

#include "popflow/dynamics/gradient_flow.hpp"
#include "popflow/dynamics/integrate.hpp"
#include "popflow/experiment/flow_gradient.hpp"

#include "interrupt.hpp"
#include "parameter_run.hpp"
#include "progress.hpp"

namespace popflow {

namespace {

// The last state is recorded even where the flow stopped between two snapshots.
ParameterRun integrate_gradient(const Experiment& experiment, ClosedFormGradient gradient,
                                Progress& progress) {
  const FlowSpec& spec = flow_spec(experiment);
  const Parameters initial = initial_parameters(experiment);
  GradientFlow flow(std::move(gradient), initial, experiment.network.learning);
  ParameterRun run;
  Eigen::VectorXd state = initial.values;
  const auto observe = [&](const Eigen::VectorXd& now, double tau) {
    run.record(initial, now, tau);
    progress.at(tau / spec.t_end);
  };
  IntegrationOptions options = integration_options(spec);
  options.interrupted = interrupted;
  run.end = integrate(flow, state, snapshot_times(spec), observe, options);
  if (run.time.empty() || run.end.tau > run.time.back()) run.record(initial, state, run.end.tau);
  return run;
}

}  // namespace

int run_closed_form(const RunArguments& arguments, const Experiment& experiment,
                    const std::string& command_line) {
  const Stopwatch stopwatch;
  ParameterRun run;
  std::optional<double> cumulant_error;
  {
    Progress progress(!arguments.print.quiet, "closed form");
    FlowGradient gradient = flow_gradient(experiment, flow_spec(experiment));
    cumulant_error = gradient.cumulant_error;
    progress.start("flow");
    catch_interrupts();  // not before: until here there is nothing to keep
    run = integrate_gradient(experiment, std::move(gradient.gradient), progress);
  }

  const IntegrationResult& end = run.end;
  Results results = results_of(experiment, "flow", end.reason, command_line);
  put_runs(results, {run});
  results.cumulant_error = cumulant_error;
  nlohmann::json counts{
      {"steps", end.steps}, {"rejected", end.rejected}, {"evaluations", end.evaluations}};
  if (cumulant_error) counts["cumulant_error"] = *cumulant_error;
  return finish(arguments, results, {end.reason, end.tau, stopwatch.seconds(), counts});
}

}  // namespace popflow
