#include "closures.hpp"

#include <fmt/core.h>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/experiment/experiment_flow.hpp"
#include "popflow/lattice/fourier.hpp"

#include "timing/measure.hpp"

namespace ledger {

namespace {

using namespace popflow;

// The default tolerances of closures, for all kinds, so that equal right-hand sides take equal
// steps. They leave an error of 1e-4 in the weights, far below that of any closure.
constexpr double relative_tolerance = 1e-4, absolute_tolerance = 1e-6;

// A closure that has left its domain may ask for ever smaller steps.
constexpr int step_limit = 20'000;

// Trajectories shorter than this are timed again, several times.
constexpr double short_seconds = 0.2;

}  // namespace

std::string Closure::name() const {
  return latents > 0 ? fmt::format("{}, {}", kind, latents) : kind;
}

const std::vector<Closure>& all_closures() {
  static const std::vector<Closure> closures{{"quartic"},   {"gaussian"},    {"edgeworth"},
                                             {"kurtosis"},  {"conditional"}, {"latent", 1},
                                             {"latent", 2}, {"latent", 3}};
  return closures;
}

FlowSpec spec_of(const Experiment& experiment, const Closure& closure) {
  FlowSpec spec = flow_spec(experiment);
  spec.kind = closure.kind;
  if (closure.latents > 0) spec.latents = closure.latents;
  spec.relative_tolerance = relative_tolerance;
  spec.absolute_tolerance = absolute_tolerance;
  spec.step_limit = step_limit;
  return spec;
}

std::optional<ClosureRun> run_closure(const Experiment& experiment, const Closure& closure) try {
  const FlowSpec spec = spec_of(experiment, closure);
  ClosureRun result;
  const Stopwatch setup;
  const AnyFlow flow = experiment_flow(experiment, spec).flow;
  result.setup_seconds = setup.seconds();

  const State start = flow.state(initial_parameters(experiment));
  const auto trajectory = [&] {
    return integrate(flow, start, snapshot_times(spec), integration_options(spec));
  };
  const Stopwatch stopwatch;
  const auto run = trajectory();
  result.seconds = stopwatch.seconds();
  for (const State& state : run.states) result.fields.push_back(flow.weights(state));
  result.reached_end = run.end.reason == StopReason::reached_end;
  result.evaluations = run.end.evaluations;
  if (result.seconds < short_seconds) result.seconds = median_seconds(trajectory, 3);

  Eigen::VectorXd rate(flow.dimension());
  result.rate_seconds = median_seconds([&] { flow.evaluate(start.values(), rate, 0.0); }, 5);
  return result;
} catch (const InvalidExperiment&) {
  return {};
}

double transform_seconds(const Experiment& experiment) {
  FourierTransform fourier(experiment.torus());
  const Weights u = initial_weights(experiment);
  Field field = u.row(0).transpose();
  Spectrum spectrum(experiment.torus().half_modes());
  const auto both = [&] {
    fourier.forward(field, spectrum);
    fourier.backward(spectrum, field);
  };
  return static_cast<double>(u.rows()) * median_seconds(both, 5);
}

}  // namespace ledger
