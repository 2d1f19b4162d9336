#include "popflow/training/sgd.hpp"

#include <fmt/core.h>

#include "popflow/dynamics/schedule.hpp"
#include "popflow/dynamics/train.hpp"

#include "interrupt.hpp"
#include "progress.hpp"
#include "run.hpp"
#include "verbs.hpp"

namespace popflow {

namespace {

struct Ensemble {
  std::vector<double> time;
  std::vector<std::vector<Weights>> runs;
  TrainingResult end{};
  std::uint64_t steps = 0;  // of all runs
};

// Trains run number `run` and adds it, unless it is unfinished and not the first.
void train_run(const Experiment& experiment, int run, Ensemble& ensemble, Progress& progress) {
  const SgdSpec& spec = sgd_spec(experiment);
  std::vector<double> time;
  std::vector<Weights> snapshots;
  const auto observe = [&](const Weights& u, double tau) {
    time.push_back(tau);
    snapshots.push_back(u);
    progress.at((run + tau / spec.t_end) / spec.runs);
  };
  Weights u = initial_weights(experiment);
  ensemble.end = train(experiment.task, single_neuron(experiment), experiment.network.loss, u,
                       linear_schedule(spec.t_end, spec.snapshots), observe,
                       {.learning_rate = spec.learning_rate,
                        .sgd = {.batch = spec.batch,
                                .gradient = spec.gradient,
                                .seed = experiment.seed,
                                .run = static_cast<std::uint32_t>(run)},
                        .interrupted = interrupted});
  ensemble.steps += ensemble.end.steps;
  if (run > 0 && ensemble.end.reason != StopReason::reached_end) return;
  ensemble.time = std::move(time);
  ensemble.runs.push_back(std::move(snapshots));
}

Ensemble train_ensemble(const Experiment& experiment, bool quiet) {
  const SgdSpec& spec = sgd_spec(experiment);
  Progress progress(!quiet, spec.runs == 1 ? "sgd" : fmt::format("sgd, {} runs", spec.runs));
  Ensemble ensemble;
  for (int run = 0; run < spec.runs; ++run) {
    train_run(experiment, run, ensemble, progress);
    if (ensemble.end.reason != StopReason::reached_end) break;
  }
  return ensemble;
}

int run(const RunArguments& arguments, const std::string& command_line) {
  const Experiment experiment = arguments.read();
  const Stopwatch stopwatch;
  catch_interrupts();
  Ensemble ensemble = train_ensemble(experiment, arguments.print.quiet);

  Results results = results_of(experiment, "sgd", ensemble.end.reason, command_line);
  results.time = std::move(ensemble.time);
  results.runs = std::move(ensemble.runs);
  return finish(arguments, results,
                {ensemble.end.reason,
                 ensemble.end.tau,
                 stopwatch.seconds(),
                 {{"steps", ensemble.steps}, {"runs", results.runs.size()}}});
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
