#include "rungs.hpp"

#include <utility>

#include <fmt/core.h>

#include "popflow/dynamics/gradient_flow.hpp"
#include "popflow/dynamics/integrate.hpp"
#include "popflow/experiment/decompose.hpp"
#include "popflow/experiment/flow_gradient.hpp"
#include "popflow/flow/quartic_flow.hpp"

#include "timing/measure.hpp"

namespace ledger {

namespace {

using namespace popflow;

// Those of closures by default, for all kinds, so that equal right-hand sides take equal steps.
// They leave an error of 1e-4 in the weights, far below that of any closure.
constexpr double relative_tolerance = 1e-4, absolute_tolerance = 1e-6;

// A closure that has left its domain may ask for ever smaller steps.
constexpr int step_limit = 20'000;

// Trajectories shorter than this are timed again, several times.
constexpr double short_seconds = 0.2;

// Integrates from `start`, `field_of` makes the weights of a state.
template <class F, class FieldOf>
void integrate_and_time(const FlowSpec& spec, F& flow, const Eigen::VectorXd& start,
                        const FieldOf& field_of, Climb& result) {
  Eigen::VectorXd state = start;
  const std::vector<double> times = snapshot_times(spec);
  const auto trajectory = [&](const auto& observe) {
    state = start;
    return integrate(flow, state, times, observe, integration_options(spec));
  };
  const Stopwatch stopwatch;
  const IntegrationResult end = trajectory(
      [&](const Eigen::VectorXd& now, double) { result.fields.push_back(field_of(now)); });
  result.seconds = stopwatch.seconds();
  result.reached_end = end.reason == StopReason::reached_end;
  result.evaluations = end.evaluations;
  if (result.seconds < short_seconds)
    result.seconds = median_seconds([&] { trajectory([](const Eigen::VectorXd&, double) {}); }, 3);
  Eigen::VectorXd rate(state.size());
  result.rate_seconds = median_seconds([&] { flow(state, rate, 0.0); }, 5);
}

Climb climb_quartic(const Experiment& experiment, const FlowSpec& spec) {
  const Neuron neuron = single_neuron(experiment);
  Climb result;
  const Stopwatch stopwatch;
  QuarticFlow flow(experiment.task, neuron, experiment.network.loss,
                   flow_cumulants(experiment, spec).operators);
  result.setup_seconds = stopwatch.seconds();
  FourierTransform fourier(experiment.torus());
  integrate_and_time(
      spec, flow, state_of(fourier, initial_weights(experiment)),
      [&fourier](const Eigen::VectorXd& state) { return weights_of(fourier, state); }, result);
  return result;
}

Climb climb_gradient(const Experiment& experiment, const FlowSpec& spec) {
  Climb result;
  const Stopwatch stopwatch;
  FlowGradient made = flow_gradient(experiment, spec);
  result.setup_seconds = stopwatch.seconds();
  Parameters parameters = initial_parameters(experiment);
  const Eigen::VectorXd start = parameters.values;
  GradientFlow flow(std::move(made.gradient), parameters, experiment.network.learning);
  integrate_and_time(
      spec, flow, start,
      [&parameters](const Eigen::VectorXd& state) {
        parameters.values = state;
        return Weights(parameters.first());
      },
      result);
  return result;
}

}  // namespace

std::string Rung::name() const { return latents > 0 ? fmt::format("{}, {}", kind, latents) : kind; }

const std::vector<Rung>& all_rungs() {
  static const std::vector<Rung> rungs{{"quartic"},   {"gaussian"},    {"edgeworth"},
                                       {"kurtosis"},  {"conditional"}, {"latent", 1},
                                       {"latent", 2}, {"latent", 3}};
  return rungs;
}

FlowSpec spec_of(const Experiment& experiment, const Rung& rung) {
  FlowSpec spec = flow_spec(experiment);
  spec.kind = rung.kind;
  if (rung.latents > 0) spec.latents = rung.latents;
  spec.relative_tolerance = relative_tolerance;
  spec.absolute_tolerance = absolute_tolerance;
  spec.step_limit = step_limit;
  return spec;
}

std::optional<Climb> climb(const Experiment& experiment, const Rung& rung) try {
  const FlowSpec spec = spec_of(experiment, rung);
  return rung.kind == "quartic" ? climb_quartic(experiment, spec)
                                : climb_gradient(experiment, spec);
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
