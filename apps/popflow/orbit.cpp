#include "orbit.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "popflow/dynamics/integrate_fixed.hpp"
#include "popflow/dynamics/orbit_flow.hpp"

#include "interrupt.hpp"
#include "parameter_run.hpp"
#include "progress.hpp"

namespace popflow {

namespace {

OrbitFlow orbit_flow(const Experiment& experiment, int run) {
  const FlowSpec& spec = flow_spec(experiment);
  if (experiment.network.convolution)
    throw invalid(experiment, "network.kernel", "must be left out for the orbit average");
  return {experiment.task,
          network_of(experiment),
          initial_parameters(experiment),
          experiment.network.learning,
          {spec.samples, experiment.seed, static_cast<std::uint32_t>(run)}};
}

ParameterRun integrate_run(const Experiment& experiment, int run, Progress& progress) {
  const FlowSpec& spec = flow_spec(experiment);
  OrbitFlow flow = orbit_flow(experiment, run);
  ParameterRun orbit;
  const Parameters initial = initial_parameters(experiment);
  Eigen::VectorXd state = initial.values;
  const auto observe = [&](const Eigen::VectorXd& now, double tau) {
    orbit.record(initial, now, tau);
    progress.at((run + tau / spec.t_end) / spec.runs);
  };
  orbit.end = integrate_fixed(flow, state, snapshot_times(spec), observe,
                              {.step = spec.step, .interrupted = interrupted});
  return orbit;
}

// All runs, until one stops early.
std::vector<ParameterRun> integrate_runs(const Experiment& experiment, bool quiet) {
  const FlowSpec& spec = flow_spec(experiment);
  Progress progress(!quiet, fmt::format("orbit average, {} runs", spec.runs));
  catch_interrupts();
  std::vector<ParameterRun> runs;
  for (int run = 0; run < spec.runs; ++run) {
    runs.push_back(integrate_run(experiment, run, progress));
    if (runs.back().end.reason != StopReason::reached_end) break;
  }
  return runs;
}

}  // namespace

int run_orbit(const RunArguments& arguments, const Experiment& experiment,
              const std::string& command_line) {
  const Stopwatch stopwatch;
  std::vector<ParameterRun> runs = integrate_runs(experiment, arguments.print.quiet);
  const IntegrationResult end = runs.back().end;
  // Complete runs only, unless there is none.
  if (end.reason != StopReason::reached_end && runs.size() > 1) runs.pop_back();

  Results results = results_of(experiment, "flow", end.reason, command_line);
  put_runs(results, runs);
  return finish(
      arguments, results,
      {end.reason,
       results.time.back(),
       stopwatch.seconds(),
       {{"steps", end.steps}, {"evaluations", end.evaluations}, {"runs", results.runs.size()}}});
}

}  // namespace popflow
