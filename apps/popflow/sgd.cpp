#include <algorithm>
#include <numeric>
#include <utility>

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

// Of an interrupted ensemble the runs that are complete, or without any those under way: which ones
// these are says nothing about them. One that diverged stays in, since the others alone would be
// another ensemble.
std::vector<EnsembleRun> kept(std::vector<EnsembleRun> ensemble) {
  const bool some_complete = std::any_of(
      ensemble.begin(), ensemble.end(),
      [](const EnsembleRun& run) { return run.result.reason == StopReason::reached_end; });
  std::vector<EnsembleRun> keep;
  for (EnsembleRun& run : ensemble)
    if (run.result.reason != StopReason::interrupted ||
        (!some_complete && run.trajectory.time.size() > 1))
      keep.push_back(std::move(run));
  if (keep.empty()) keep.push_back(std::move(ensemble.front()));
  return keep;
}

// Cuts all runs to the snapshots that every one of them has.
void cut_to_common(std::vector<EnsembleRun>& ensemble) {
  std::size_t snapshots = ensemble.front().trajectory.time.size();
  for (const EnsembleRun& run : ensemble)
    snapshots = std::min(snapshots, run.trajectory.time.size());
  for (EnsembleRun& run : ensemble) {
    run.trajectory.time.resize(snapshots);
    run.trajectory.weights.resize(snapshots);
  }
}

// How the ensemble ended: as one of its runs that stopped early, if there is one.
StopReason reason_of(const std::vector<EnsembleRun>& ensemble) {
  for (const EnsembleRun& run : ensemble)
    if (run.result.reason != StopReason::reached_end) return run.result.reason;
  return StopReason::reached_end;
}

int run(const RunArguments& arguments, const std::string& command_line) {
  const Experiment experiment = arguments.read();
  const Stopwatch stopwatch;
  catch_interrupts();
  std::vector<EnsembleRun> ensemble = train_experiment(experiment, arguments.print.quiet);
  const StopReason reason = reason_of(ensemble);
  std::uint64_t steps = 0;
  for (const EnsembleRun& run : ensemble) steps += run.result.steps;

  ensemble = kept(std::move(ensemble));
  cut_to_common(ensemble);
  Results results = results_of(experiment, "sgd", reason, command_line);
  results.time = ensemble.front().trajectory.time;
  for (EnsembleRun& run : ensemble) results.runs.push_back(std::move(run.trajectory.weights));
  return finish(arguments, results,
                {reason,
                 results.time.back(),
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
