#include <utility>

#include <fmt/core.h>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/dynamics/trajectory.hpp"
#include "popflow/experiment/decompose.hpp"
#include "popflow/flow/quartic_flow.hpp"

#include "closed_form.hpp"
#include "interrupt.hpp"
#include "orbit.hpp"
#include "progress.hpp"
#include "run.hpp"
#include "verbs.hpp"

namespace popflow {

namespace {

QuarticFlow quartic_flow(const Experiment& experiment, const FlowSpec& spec,
                         double& cumulant_error) {
  const Neuron neuron = single_neuron(experiment);
  FlowCumulants cumulants = flow_cumulants(experiment, spec);
  cumulant_error = cumulants.relative_error;
  return {experiment.task, neuron, experiment.network.loss, std::move(cumulants.operators)};
}

// The last state is recorded even where the flow stopped between two snapshots.
IntegrationResult integrate_flow(const Experiment& experiment, QuarticFlow& flow,
                                 Trajectory& trajectory, Progress& progress) {
  const FlowSpec& spec = flow_spec(experiment);
  FourierTransform fourier(experiment.torus());
  Eigen::VectorXd w = state_of(fourier, initial_weights(experiment));
  TrajectoryRecorder record(experiment.torus(), trajectory);
  const auto observe = [&](const Eigen::VectorXd& state, double tau) {
    record(state, tau);
    progress.at(tau / spec.t_end);
  };
  IntegrationOptions options = integration_options(spec);
  options.interrupted = interrupted;
  const IntegrationResult result = integrate(flow, w, snapshot_times(spec), observe, options);
  if (trajectory.time.empty() || result.tau > trajectory.time.back()) record(w, result.tau);
  return result;
}

int run_quartic(const RunArguments& arguments, const Experiment& experiment,
                const std::string& command_line) {
  const FlowSpec& spec = flow_spec(experiment);
  const Stopwatch stopwatch;
  Trajectory trajectory;
  IntegrationResult end;
  double cumulant_error = 0.0;
  {
    Progress progress(!arguments.print.quiet, "fourth cumulant");
    QuarticFlow flow = quartic_flow(experiment, spec, cumulant_error);
    progress.start("flow");
    catch_interrupts();  // not before: until here there is nothing to keep
    end = integrate_flow(experiment, flow, trajectory, progress);
  }

  Results results = results_of(experiment, "flow", end.reason, command_line);
  results.time = trajectory.time;
  results.runs = {std::move(trajectory.weights)};
  results.cumulant_error = cumulant_error;
  if (arguments.print.human() && spec.cumulant == "tiled")
    fmt::print("fourth cumulants tiled with {} templates: relative error {:.5f}\n", spec.rank,
               cumulant_error);
  return finish(arguments, results,
                {end.reason,
                 end.tau,
                 stopwatch.seconds(),
                 {{"steps", end.steps},
                  {"rejected", end.rejected},
                  {"evaluations", end.evaluations},
                  {"cumulant_error", cumulant_error}}});
}

int run(const RunArguments& arguments, const std::string& command_line) {
  const Experiment experiment = arguments.read();
  const std::string& kind = flow_spec(experiment).kind;
  if (kind == "orbit") return run_orbit(arguments, experiment, command_line);
  if (kind == "quartic") return run_quartic(arguments, experiment, command_line);
  return run_closed_form(arguments, experiment, command_line);
}

}  // namespace

void add_flow(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<RunArguments>();
  CLI::App& verb =
      *app.add_subcommand("flow", "Integrate a population flow, in closed form or sampled");
  arguments->add_to(verb);
  verb.callback([arguments, &invocation] {
    invocation.run = [arguments, &invocation] { return run(*arguments, invocation.command_line); };
  });
}

}  // namespace popflow
