#include <algorithm>
#include <numeric>

#include <fmt/core.h>

#include "popflow/dynamics/ensemble.hpp"
#include "popflow/dynamics/schedule.hpp"

#include "interrupt.hpp"
#include "progress.hpp"
#include "run.hpp"
#include "verbs.hpp"

namespace popflow {

namespace {

std::vector<EnsembleRun> train_experiment(const Experiment& experiment, bool quiet) {
  const SgdSpec& spec = sgd_spec(experiment);
  Progress progress(!quiet, spec.runs == 1 ? "sgd" : fmt::format("sgd, {} runs", spec.runs));
  std::vector<double> reached(static_cast<std::size_t>(spec.runs), 0.0);
  const auto observe = [&](int run, double tau) {
    reached[static_cast<std::size_t>(run)] = tau;
    const double total = std::accumulate(reached.begin(), reached.end(), 0.0);
    progress.at(total / (spec.t_end * spec.runs));
  };
  return train_ensemble(
      experiment.task, single_neuron(experiment), experiment.network.loss,
      initial_weights(experiment), linear_schedule(spec.t_end, spec.snapshots), spec.runs,
      {.learning_rate = spec.learning_rate,
       .sgd = {.batch = spec.batch, .gradient = spec.gradient, .seed = experiment.seed},
       .interrupted = interrupted},
      observe);
}

// How the ensemble ended: as the first of its runs that did not reach the end, if there is one.
const TrainingResult& end_of(const std::vector<EnsembleRun>& ensemble) {
  for (const EnsembleRun& run : ensemble)
    if (run.result.reason != StopReason::reached_end) return run.result;
  return ensemble.front().result;
}

// The runs that reached the end; without any, the one that came furthest.
std::vector<Trajectory> kept(std::vector<EnsembleRun> ensemble) {
  std::vector<Trajectory> trajectories;
  for (EnsembleRun& run : ensemble)
    if (run.result.reason == StopReason::reached_end)
      trajectories.push_back(std::move(run.trajectory));
  if (trajectories.empty())
    trajectories.push_back(std::move(
        std::max_element(ensemble.begin(), ensemble.end(), [](const auto& a, const auto& b) {
          return a.result.tau < b.result.tau;
        })->trajectory));
  return trajectories;
}

int run(const RunArguments& arguments, const std::string& command_line) {
  const Experiment experiment = arguments.read();
  const Stopwatch stopwatch;
  catch_interrupts();
  std::vector<EnsembleRun> ensemble = train_experiment(experiment, arguments.print.quiet);

  const TrainingResult end = end_of(ensemble);
  std::uint64_t steps = 0;
  for (const EnsembleRun& run : ensemble) steps += run.result.steps;
  Results results = results_of(experiment, "sgd", end.reason, command_line);
  for (Trajectory& trajectory : kept(std::move(ensemble))) {
    results.time = std::move(trajectory.time);
    results.runs.push_back(std::move(trajectory.weights));
  }
  return finish(arguments, results,
                {end.reason,
                 end.tau,
                 stopwatch.seconds(),
                 {{"steps", steps}, {"runs", results.runs.size()}}});
}

}  // namespace

void add_sgd(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<RunArguments>();
  CLI::App& verb =
      *app.add_subcommand("sgd", "Train the network by SGD from the same initial weights");
  arguments->add_to(verb);
  verb.callback([arguments, &invocation] {
    invocation.run = [arguments, &invocation] { return run(*arguments, invocation.command_line); };
  });
}

}  // namespace popflow
