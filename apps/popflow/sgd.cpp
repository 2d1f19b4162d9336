#include <algorithm>
#include <filesystem>
#include <mutex>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "popflow/dynamics/ensemble.hpp"
#include "popflow/results/checkpoint.hpp"
#include "popflow/results/output_file.hpp"
#include "popflow/run/run_sgd.hpp"

#include "checkpoints.hpp"
#include "computed.hpp"
#include "interrupt.hpp"
#include "message.hpp"
#include "progress.hpp"
#include "run_arguments.hpp"
#include "verbs.hpp"

namespace popflow {

namespace {

// Throws InvalidExperiment where the network has not the gradient that it should be trained by.
void check_gradient(const Experiment& experiment) {
  if (sgd_spec(experiment).gradient == SampleGradient::quartic) single_neuron(experiment);
}

struct SgdArguments : RunArguments {
  double checkpoint = 60.0;  // seconds between two
  bool resume = false;

  void add_to(CLI::App& verb);

  // As RunArguments::read; it also makes sure that checkpoints can be written.
  Experiment read() const;

  std::string checkpoint_file() const { return output + ".checkpoint"; }
};

// CLI::Range lets nan pass.
std::string at_least_zero(const std::string& text) {
  double value = 0.0;
  if (CLI::detail::lexical_cast(text, value) && value >= 0.0) return "";
  return text + ": must be a number that is at least 0";
}

void SgdArguments::add_to(CLI::App& verb) {
  RunArguments::add_to(verb);
  CLI::Option* file = verb.get_option("--output");
  verb.add_option("--checkpoint", checkpoint,
                  "Write FILE.nc.checkpoint every so many seconds; 0: after every step")
      ->needs(file)
      ->check(at_least_zero)
      ->capture_default_str()
      ->type_name("SECONDS");
  verb.add_flag("--resume", resume, "Go on from FILE.nc.checkpoint, if it is there")->needs(file);
}

Experiment SgdArguments::read() const {
  Experiment read = RunArguments::read();
  check_gradient(read);
  if (!output.empty()) check_writable(checkpoint_file(), files_read(read));
  return read;
}

// Every run's share of the way to the end, as their threads report it.
class Reached {
 public:
  Reached(const SgdSpec& spec, const std::vector<EnsembleRun>& ensemble, bool shown)
      : whole_(spec.t_end * spec.runs),
        rate_(spec.learning_rate),
        tau_(taus(ensemble)),
        progress_(shown, spec.runs == 1 ? "sgd" : fmt::format("sgd, {} runs", spec.runs),
                  fraction()) {}

  void at(int r, const EnsembleRun& run) {
    const std::lock_guard guard(lock_);
    tau_[static_cast<std::size_t>(r)] = tau(run);
    progress_.at(fraction());
  }

 private:
  double tau(const EnsembleRun& run) const {
    if (run.time.empty()) return 0.0;
    return run.time.back() + static_cast<double>(run.state.steps_since) * rate_;
  }

  std::vector<double> taus(const std::vector<EnsembleRun>& ensemble) const {
    std::vector<double> result(ensemble.size());
    std::transform(ensemble.begin(), ensemble.end(), result.begin(),
                   [this](const EnsembleRun& run) { return tau(run); });
    return result;
  }

  double fraction() const { return std::accumulate(tau_.begin(), tau_.end(), 0.0) / whole_; }

  std::mutex lock_;
  double whole_, rate_;
  std::vector<double> tau_;
  Progress progress_;
};

std::vector<EnsembleRun> beginning(const Experiment& experiment) {
  return new_ensemble(initial_parameters(experiment), sgd_spec(experiment).runs);
}

// From the checkpoint where that is asked for, or from the beginning.
std::vector<EnsembleRun> begin(const SgdArguments& arguments, const Experiment& experiment) {
  const std::string file = arguments.checkpoint_file();
  if (arguments.resume && std::filesystem::exists(file))
    return read_checkpoint(file, identity_of(experiment));
  if (arguments.resume && !arguments.print.quiet)
    say(fmt::format("{}: is not there: starting from the beginning", file));
  return beginning(experiment);
}

// With checkpoints, if there are any to be written; progress is shown on a terminal, if `shown`.
void train_experiment(const Experiment& experiment, std::vector<EnsembleRun>& ensemble, bool shown,
                      Checkpoints* checkpoints) {
  Reached reached(sgd_spec(experiment), ensemble, shown);
  TrainingOptions options = training_options(experiment);
  options.interrupted = interrupted;
  const auto step_taken = [&](int r, const EnsembleRun& run) {
    reached.at(r, run);
    if (checkpoints) checkpoints->step_taken(r, run);
  };
  const auto ended = [&](int r, const EnsembleRun& run) {
    if (checkpoints) checkpoints->run_ended(r, run);
  };
  train_ensemble({experiment.task, network_of(experiment), options},
                 snapshot_times(sgd_spec(experiment)), ensemble, step_taken, ended);
}

bool any_interrupted(const std::vector<EnsembleRun>& ensemble) {
  return std::any_of(ensemble.begin(), ensemble.end(), [](const EnsembleRun& run) {
    return run.result.reason == StopReason::interrupted;
  });
}

int sgd_verb(const SgdArguments& arguments, const std::string& command_line) {
  const Experiment experiment = arguments.read();
  const Stopwatch stopwatch;
  catch_interrupts();
  std::vector<EnsembleRun> ensemble = begin(arguments, experiment);
  std::optional<Checkpoints> checkpoints;
  if (!arguments.output.empty())
    checkpoints.emplace(arguments.checkpoint_file(), identity_of(experiment), arguments.checkpoint,
                        ensemble);
  train_experiment(experiment, ensemble, !arguments.print.quiet,
                   checkpoints ? &*checkpoints : nullptr);
  const bool unfinished = any_interrupted(ensemble);
  Run training = finished_sgd(experiment, std::move(ensemble));
  const int status = finish(arguments, std::move(training), stopwatch.seconds(), command_line);
  if (checkpoints && unfinished) checkpoints->write();
  if (checkpoints && !unfinished) checkpoints->remove();
  return status;
}

}  // namespace

Run computed_sgd(const Experiment& experiment, bool shown) {
  check_gradient(experiment);
  catch_interrupts();
  std::vector<EnsembleRun> ensemble = beginning(experiment);
  train_experiment(experiment, ensemble, shown, nullptr);
  return finished_sgd(experiment, std::move(ensemble));
}

void add_sgd(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<SgdArguments>();
  CLI::App& verb =
      *app.add_subcommand("sgd", "Train the network by SGD from the same initial weights");
  arguments->add_to(verb);
  verb.footer("Example: popflow sgd experiment.toml -o sgd.nc");
  verb.callback([arguments, &invocation] {
    invocation.run = [arguments, &invocation] {
      return sgd_verb(*arguments, invocation.command_line);
    };
  });
}

}  // namespace popflow
