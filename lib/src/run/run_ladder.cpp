#include "popflow/run/run_ladder.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <limits>
#include <mutex>
#include <new>
#include <utility>

#include <fmt/core.h>

#include "popflow/dynamics/ensemble.hpp"
#include "popflow/dynamics/schedule.hpp"
#include "popflow/experiment/flow_kinds.hpp"
#include "popflow/measure/alignment.hpp"
#include "popflow/measure/ensemble_mean.hpp"
#include "popflow/measure/receptive_field.hpp"
#include "popflow/results/ladder.hpp"
#include "popflow/run/run_flow.hpp"

namespace popflow {

namespace {

// All runs of one row: R x S, each K x N. S snapshots were reached.
using Ensemble = std::vector<std::vector<Weights>>;

constexpr int most_latents = 3;  // of the ladder: a fourth direction takes twenty times as long
constexpr int sgd_runs = 4;      // where there is no section [sgd]
constexpr int least_runs = 2;    // for a standard error
constexpr double no_value = std::numeric_limits<double>::quiet_NaN();

// A closure that has left its domain may ask for ever smaller steps.
constexpr int closure_step_limit = 20'000;

// The results of one row, before it is compared.
struct Climbed {
  Ensemble runs;
  StopReason reason;
  double tau;
  std::int64_t evaluations;
};

class RowStopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

bool interrupted_now(const RunHooks& hooks) { return hooks.interrupted && hooks.interrupted(); }

// The hooks of one row: names of stages begin with its name.
RunHooks named(const RunHooks& hooks, const std::string& row) {
  RunHooks result = hooks;
  if (hooks.stage)
    result.stage = [&hooks, row](const std::string& what) {
      hooks.stage(fmt::format("{}: {}", row, what));
    };
  return result;
}

bool is_set(const Experiment& experiment, const char* key) {
  return experiment.origins.count(key) > 0;
}

// The experiment with another kind of flow. Tolerances are those of its file, or of the kind.
Experiment with_kind(const Experiment& experiment, const std::string& kind, int latents) {
  Experiment result = experiment;
  FlowSpec& spec = *result.flow;
  spec.kind = kind;
  if (latents > 0) spec.latents = latents;
  spec.runs = std::max(least_runs, spec.runs);
  spec.stationary_rate = 0.0;
  if (!is_set(experiment, "flow.step_limit")) spec.step_limit = closure_step_limit;
  return result;
}

// The experiment with a section [sgd] that trains this gradient at the snapshots of [flow].
Experiment with_gradient(const Experiment& experiment, SampleGradient gradient) {
  Experiment result = experiment;
  SgdSpec spec;
  const FlowSpec& flow = flow_spec(experiment);
  spec.runs = sgd_runs;
  spec.learning_rate = std::min(spec.learning_rate, shortest_interval(snapshot_times(flow)));
  if (experiment.sgd) spec = *experiment.sgd;
  spec.t_end = flow.t_end;
  spec.snapshots = flow.snapshots;
  spec.t_first = flow.t_first;
  spec.gradient = gradient;
  spec.runs = std::max(least_runs, spec.runs);
  result.sgd = spec;
  return result;
}

// Snapshots are those of the schedule: a flow that stopped early also leaves its last state.
Climbed flow_row(const Experiment& experiment, const std::vector<double>& times,
                 const RunHooks& hooks) {
  Run run = run_flow(experiment, hooks);
  std::size_t reached = 0;
  while (reached < run.results.time.size() && run.results.time[reached] == times[reached])
    ++reached;
  for (std::vector<Weights>& snapshots : run.results.runs) snapshots.resize(reached);
  const std::int64_t runs = flow_spec(experiment).kind == "orbit" ? flow_spec(experiment).runs : 1;
  return {std::move(run.results.runs), run.reason, run.tau, runs * run.counts["evaluations"]};
}

std::int64_t steps_of(const SgdSpec& spec, const std::vector<double>& times) {
  std::int64_t steps = 0;
  for (std::size_t n = 1; n < times.size(); ++n)
    steps += static_cast<std::int64_t>(
        detail::steps_between(times[n - 1], times[n], spec.learning_rate));
  return steps * spec.runs;
}

Climbed sgd_row(const Experiment& experiment, const std::vector<double>& times,
                const RunHooks& hooks) {
  const SgdSpec& spec = sgd_spec(experiment);
  if (hooks.stage) hooks.stage(fmt::format("{} runs", spec.runs));
  std::vector<EnsembleRun> ensemble = new_ensemble(initial_parameters(experiment), spec.runs);
  TrainingOptions options = training_options(experiment);
  options.interrupted = hooks.interrupted;
  const std::int64_t all = steps_of(spec, times);
  std::int64_t taken = 0;
  std::mutex lock;  // runs are trained by several threads
  const auto step_taken = [&](int, const EnsembleRun&) {
    const std::lock_guard guard(lock);
    ++taken;
    if (hooks.progress) hooks.progress(static_cast<double>(taken) / static_cast<double>(all));
  };
  train_ensemble({experiment.task, network_of(experiment), options}, times, ensemble, step_taken);

  Climbed result{{}, StopReason::reached_end, times.back(), taken};
  for (const EnsembleRun& run : ensemble) {
    if (run.result.reason != StopReason::reached_end && result.reason != StopReason::interrupted)
      result.reason = run.result.reason;
    result.tau = std::min(result.tau, run.result.tau);
  }
  const auto reached = static_cast<std::size_t>(
      std::upper_bound(times.begin(), times.end(), result.tau) - times.begin());
  for (const EnsembleRun& run : ensemble) {
    result.runs.emplace_back();
    for (std::size_t n = 0; n < std::min(reached, run.parameters.size()); ++n)
      result.runs.back().push_back(run.parameters[n].first());
  }
  return result;
}

std::size_t snapshots_of(const Ensemble& runs) { return runs.empty() ? 0 : runs.front().size(); }

std::vector<Weights> at(const Ensemble& runs, std::size_t snapshot) {
  std::vector<Weights> weights;
  weights.reserve(runs.size());
  for (const std::vector<Weights>& run : runs) weights.push_back(run[snapshot]);
  return weights;
}

std::vector<Weights> of_neuron(const std::vector<Weights>& runs, Eigen::Index neuron) {
  std::vector<Weights> rows;
  rows.reserve(runs.size());
  for (const Weights& run : runs) rows.emplace_back(run.row(neuron));
  return rows;
}

// How the runs of a row, at one snapshot, and those that they are compared with are taken.
using Selection = std::function<std::vector<Weights>(const Ensemble&, std::size_t snapshot)>;

LadderErrors errors(const Ensemble& runs, const Ensemble& reference, std::size_t snapshots,
                    const Selection& selected) {
  const std::vector<double> none(snapshots, no_value);
  LadderErrors result{none, none, none};
  const std::size_t common = std::min(snapshots_of(runs), snapshots_of(reference));
  for (std::size_t n = 0; n < common; ++n) {
    const MeanDistance found =
        mean_distance(ensemble_mean(selected(runs, n)), ensemble_mean(selected(reference, n)));
    result.distance[n] = found.distance;
    result.error[n] = found.error;
    result.standard_error[n] = found.standard_error;
  }
  return result;
}

// The population is not compared with itself: its error is none, and its standard error its own.
LadderErrors own_errors(const Ensemble& reference, std::size_t snapshots,
                        const Selection& selected) {
  const std::vector<double> none(snapshots, no_value);
  LadderErrors result{none, none, none};
  for (std::size_t n = 0; n < snapshots_of(reference); ++n) {
    const EnsembleMean found = ensemble_mean(selected(reference, n));
    result.distance[n] = result.error[n] = 0.0;
    result.standard_error[n] = mean_distance({found.mean}, found).standard_error;
  }
  return result;
}

// Every run of a snapshot, moved neuron by neuron onto the first run of the population.
Selection aligned_with(const Ensemble& reference, const Torus& torus) {
  return [&reference, &torus](const Ensemble& runs, std::size_t n) {
    FourierTransform fourier(torus);
    std::vector<Weights> weights = at(runs, n);
    for (Weights& u : weights) u = aligned(fourier, u, reference.front()[n]);
    return weights;
  };
}

void put_weights(const Ensemble& runs, LadderRow& row) {
  for (std::size_t n = 0; n < snapshots_of(runs); ++n) {
    row.weights.push_back(ensemble_mean(at(runs, n)).mean);
    row.ipr.emplace_back(Eigen::VectorXd::Zero(row.weights.back().rows()));
    for (const std::vector<Weights>& run : runs)
      row.ipr.back() += inverse_participation_ratios(run[n]) / static_cast<double>(runs.size());
  }
}

// The rows as they are computed, one after another, each with all threads.
class LadderRun {
 public:
  LadderRun(const Experiment& experiment, const RunHooks& hooks)
      : experiment_(experiment), hooks_(hooks), times_(snapshot_times(flow_spec(experiment))) {
    ladder_.seed = experiment.seed;
    ladder_.torus = experiment.torus();
    ladder_.hidden = experiment.network.hidden;
    ladder_.stop_reason = name(StopReason::reached_end);
    ladder_.time = times_;
    ladder_.experiment = experiment.text;
    ladder_.overrides = joined_overrides(experiment);
    ladder_.files = files_of(experiment);
  }

  // Returns false if it was interrupted. Other failures are thrown, since there is then nothing to
  // compare with.
  bool population() {
    const Experiment orbit = with_kind(experiment_, "orbit", 0);
    const RowStopwatch stopwatch;
    Climbed climbed = flow_row(orbit, times_, named(hooks_, "population"));
    if (climbed.reason == StopReason::interrupted) return false;
    LadderRow row = done("population", climbed, stopwatch.seconds());
    reference_ = std::move(climbed.runs);
    row.population = own_errors(reference_, times_.size(), at);
    for (int k = 0; k < ladder_.hidden; ++k)
      row.neurons.push_back(own_errors(reference_, times_.size(), neuron(k)));
    row.aligned = own_errors(reference_, times_.size(), moved());
    ladder_.rows.push_back(std::move(row));
    return true;
  }

  void flow(const FlowKind& kind, int latents = 0) {
    const std::string own(kind.name);
    const std::string row = latents > 0 ? fmt::format("{} {}", own, latents) : own;
    const Experiment experiment = with_kind(experiment_, own, latents);
    add(row, reason_not_applicable(experiment, own),
        [&] { return flow_row(experiment, times_, named(hooks_, row)); });
  }

  void sgd(const std::string& row, SampleGradient gradient) {
    add(row, reason_without_sgd(gradient),
        [&] { return sgd_row(with_gradient(experiment_, gradient), times_, named(hooks_, row)); });
  }

  Ladder result() { return std::move(ladder_); }

 private:
  static LadderRow done(const std::string& row, const Climbed& climbed, double seconds) {
    LadderRow result{row, "", std::string(name(climbed.reason))};
    result.runs = static_cast<int>(climbed.runs.size());
    result.tau = climbed.tau;
    result.seconds = seconds;
    result.evaluations = climbed.evaluations;
    put_weights(climbed.runs, result);
    return result;
  }

  static Selection neuron(int k) {
    return [k](const Ensemble& runs, std::size_t n) { return of_neuron(at(runs, n), k); };
  }

  Selection moved() const { return aligned_with(reference_, ladder_.torus); }

  void compare(const Ensemble& runs, LadderRow& row) {
    const std::size_t snapshots = times_.size();
    row.population = errors(runs, reference_, snapshots, at);
    for (int k = 0; k < ladder_.hidden; ++k)
      row.neurons.push_back(errors(runs, reference_, snapshots, neuron(k)));
    row.aligned = errors(runs, reference_, snapshots, moved());
    if (row.name == "quartic") quartic_ = runs;
    if (row.name == "sgd quartic") row.quartic = errors(runs, quartic_, snapshots, at);
  }

  std::optional<std::string> reason_without_sgd(SampleGradient gradient) const {
    const auto refusal = gradient == SampleGradient::quartic ? expansion_refusal(experiment_)
                                                             : std::optional<Refusal>{};
    if (refusal) return refusal->key + " " + refusal->allowed;
    if (!experiment_.sgd || experiment_.sgd->learning_rate <= largest_learning_rate(times_))
      return {};
    return fmt::format(
        "sgd.learning_rate must be at most {:.6g}, the shortest time between "
        "snapshots of [flow]",
        shortest_interval(times_));
  }

  // A row that is interrupted is not kept, nor are those after it.
  void interrupt(const std::string& row) {
    const std::string stopped(name(StopReason::interrupted));
    ladder_.stop_reason = stopped;
    ladder_.rows.push_back({row, stopped, stopped});
  }

  template <class Climb>
  void add(const std::string& row, const std::optional<std::string>& reason,
           const Climb& climb) try {
    if (reason) {
      ladder_.rows.push_back({row, *reason, ""});
      return;
    }
    if (interrupted_now(hooks_)) return interrupt(row);
    const RowStopwatch stopwatch;
    const Climbed climbed = climb();
    if (climbed.reason == StopReason::interrupted) return interrupt(row);
    LadderRow result = done(row, climbed, stopwatch.seconds());
    compare(climbed.runs, result);
    ladder_.rows.push_back(std::move(result));
  } catch (const InvalidExperiment& error) {
    ladder_.rows.push_back({row, error.what(), ""});
  } catch (const std::bad_alloc&) {
    ladder_.rows.push_back({row, "out of memory", "failed"});
  } catch (const std::exception& error) {
    if (interrupted_now(hooks_)) return interrupt(row);
    ladder_.rows.push_back({row, error.what(), "failed"});
  }

  const Experiment& experiment_;
  const RunHooks& hooks_;
  std::vector<double> times_;
  Ladder ladder_;
  Ensemble reference_, quartic_;
};

}  // namespace

std::optional<Ladder> run_ladder(const Experiment& experiment, const RunHooks& hooks) {
  LadderRun run(experiment, hooks);
  if (!run.population()) return {};
  for (const FlowKind& kind : flow_kinds()) {
    if (kind.sampled()) continue;
    const auto& keys = kind.keys;
    if (std::find(keys.begin(), keys.end(), "latents") == keys.end())
      run.flow(kind);
    else
      for (int latents = 1; latents <= most_latents; ++latents) run.flow(kind, latents);
  }
  run.sgd("sgd", SampleGradient::network);
  run.sgd("sgd quartic", SampleGradient::quartic);
  return run.result();
}

}  // namespace popflow
