#include <algorithm>
#include <mutex>
#include <numeric>
#include <utility>

#include <fmt/core.h>

#include "popflow/dynamics/ensemble.hpp"
#include "popflow/experiment/measurements.hpp"

#include "interrupt.hpp"
#include "progress.hpp"
#include "run.hpp"
#include "verbs.hpp"

namespace popflow {

namespace {

// Every run's share of the way to the end, as their threads report it.
class Reached {
 public:
  Reached(const SgdSpec& spec, Progress& progress)
      : tau_(static_cast<std::size_t>(spec.runs), 0.0),
        whole_(spec.t_end * spec.runs),
        rate_(spec.learning_rate),
        progress_(&progress) {}

  void at(int r, const EnsembleRun& run) {
    const std::lock_guard guard(lock_);
    tau_[static_cast<std::size_t>(r)] =
        run.time.back() + static_cast<double>(run.state.steps_since) * rate_;
    progress_->at(std::accumulate(tau_.begin(), tau_.end(), 0.0) / whole_);
  }

 private:
  std::mutex lock_;
  std::vector<double> tau_;
  double whole_, rate_;
  Progress* progress_;
};

std::vector<EnsembleRun> train_experiment(const Experiment& experiment, bool quiet) {
  const SgdSpec& spec = sgd_spec(experiment);
  if (spec.gradient == SampleGradient::quartic) single_neuron(experiment);  // or throws
  Progress progress(!quiet, spec.runs == 1 ? "sgd" : fmt::format("sgd, {} runs", spec.runs));
  Reached reached(spec, progress);
  TrainingOptions options = training_options(experiment);
  options.interrupted = interrupted;
  std::vector<EnsembleRun> ensemble = new_ensemble(initial_parameters(experiment), spec.runs);
  train_ensemble(experiment.task, network_of(experiment), snapshot_times(spec), options, ensemble,
                 [&reached](int r, const EnsembleRun& run) { reached.at(r, run); });
  return ensemble;
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
    if (run.result.reason != StopReason::interrupted || (!some_complete && run.time.size() > 1))
      keep.push_back(std::move(run));
  if (keep.empty()) keep.push_back(std::move(ensemble.front()));
  return keep;
}

// Cuts all runs to the snapshots that every one of them has.
void cut_to_common(std::vector<EnsembleRun>& ensemble) {
  std::size_t snapshots = ensemble.front().time.size();
  for (const EnsembleRun& run : ensemble) snapshots = std::min(snapshots, run.time.size());
  for (EnsembleRun& run : ensemble) {
    run.time.resize(snapshots);
    run.parameters.erase(run.parameters.begin() + static_cast<std::ptrdiff_t>(snapshots),
                         run.parameters.end());
  }
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
  results.time = ensemble.front().time;
  for (const EnsembleRun& run : ensemble) results.runs.push_back(fields_of(experiment, run));
  // Whoever interrupts a run will not wait for measurements.
  if (reason != StopReason::interrupted)
    results.series = measurements(experiment, ensemble.front().parameters);
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
