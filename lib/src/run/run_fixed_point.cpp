#include "popflow/run/run_fixed_point.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/experiment/experiment_flow.hpp"
#include "popflow/experiment/flow_kinds.hpp"
#include "popflow/moments/interrupted.hpp"
#include "popflow/run/parameter_run.hpp"

namespace popflow {

namespace {

bool is_translation(const FixedPointRun& run, Eigen::Index direction) {
  return std::any_of(run.translations.begin(), run.translations.end(),
                     [direction](const TranslationMode& mode) { return mode.index == direction; });
}

// The flow over the values of its states. It throws if the search should stop.
struct InterruptibleFlow {
  const AnyFlow& flow;
  const std::function<bool()>& interrupted;

  Eigen::Index dimension() const { return flow.dimension(); }
  void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double tau) const {
    check_interrupted(interrupted);
    flow.evaluate(w, dwdt, tau);
  }
};

// Leaves it empty where there is none, or it is interrupted, and the run with it.
void put_spectrum(const AnyFlow& flow, const State& state, const std::function<bool()>& interrupted,
                  FixedPointRun& run) try {
  const Eigen::MatrixXd J = jacobian(InterruptibleFlow{flow, interrupted}, state.values());
  if (!J.allFinite()) return;
  run.spectrum = stability(J);
  run.translations = translation_modes(run.spectrum, translations(state));
} catch (const Interrupted&) {
  run.end.reason = SolveReason::interrupted;
}

Series series_of(const char* name, const char* description, const char* dimension,
                 const Eigen::VectorXd& values) {
  return {name,
          description,
          {{dimension, static_cast<std::size_t>(values.size())}},
          {values.begin(), values.end()}};
}

void put_numbers_of(const FixedPointRun& run, Results& results) {
  results.series.push_back(
      {"residual", "|du/dtau| across the translations", {}, {run.end.residual}});
  results.series.push_back({"translation_residual",
                            "|du/dtau| along the translations",
                            {},
                            {run.end.translation_residual}});
  if (run.end.drift.size() > 0)
    results.series.push_back(series_of("drift", "velocity of the state, in sites per unit of tau",
                                       "axis", run.end.drift));
  if (run.spectrum.growth.size() == 0) return;
  results.series.push_back(series_of("growth_rate",
                                     "growth rates of perturbations, per unit of tau", "direction",
                                     run.spectrum.growth));
  results.series.push_back(series_of("frequency", "their angular frequencies, per unit of tau",
                                     "direction", run.spectrum.frequency));
  if (run.translations.empty()) return;
  Eigen::VectorXd rates(static_cast<Eigen::Index>(run.translations.size()));
  std::transform(run.translations.begin(), run.translations.end(), rates.begin(),
                 [](const TranslationMode& mode) { return mode.growth; });
  results.series.push_back(
      series_of("translation_rate", "growth rates of the translations", "translation", rates));
}

}  // namespace

std::optional<double> FixedPointRun::translation_rate() const {
  std::optional<double> largest;
  for (const TranslationMode& mode : translations)
    largest = std::max(largest.value_or(mode.growth), mode.growth);
  return largest;
}

std::optional<double> FixedPointRun::slowest_rate() const {
  for (Eigen::Index m = 0; m < spectrum.growth.size(); ++m)
    if (!is_translation(*this, m)) return spectrum.growth[m];
  return {};
}

FixedPointOptions fixed_point_options(const Experiment& experiment) {
  check_fixed_point(experiment);
  const FixedPointSpec& spec = experiment.fixed_point;
  const FlowKind& kind = flow_kind(flow_spec(experiment).kind);
  return {.tolerance = spec.tolerance.value_or(kind.tolerances->residual),
          .stable = spec.stable,
          .first_step = spec.first_step,
          .null_rate = spec.null_rate,
          .step_limit = spec.step_limit};
}

namespace {

FixedPointRun started(const Experiment& experiment) {
  FixedPointRun run;
  run.parameters = initial_parameters(experiment);
  run.null_rate = experiment.fixed_point.null_rate;
  return run;
}

}  // namespace

FixedPointRun run_fixed_point(const Experiment& experiment, const RunHooks& hooks) try {
  const auto tell = [&hooks](const std::string& what) {
    if (hooks.stage) hooks.stage(what);
  };
  const FlowSpec& spec = flow_spec(experiment);
  FixedPointRun run = started(experiment);
  tell("closed form");
  check_fixed_point(experiment);
  const AnyFlow flow = experiment_flow(experiment, hooks.interrupted).flow;

  tell("flow");
  IntegrationOptions integration = integration_options(spec);
  integration.interrupted = hooks.interrupted;
  const auto observe = [&](const State&, double tau) {
    if (hooks.progress) hooks.progress(tau / spec.t_end);
  };
  Trajectory<State> start =
      integrate(flow, flow.state(run.parameters), {0.0, spec.t_end}, observe, integration);
  run.start = start.end;
  State state = std::move(start.last);

  tell("fixed point");
  FixedPointOptions options = fixed_point_options(experiment);
  options.interrupted = hooks.interrupted;
  options.progress = [&](const FixedPointResult& now) {
    tell(fmt::format("fixed point: step {}, |du/dtau| = {:.1e}, along the translation {:.1e}",
                     now.steps, now.residual, now.translation_residual));
  };
  run.end = find_fixed_point(flow, state, options);
  run.parameters = flow.parameters(state);
  if (run.end.reason == SolveReason::interrupted || !state.values().allFinite()) return run;
  run.neglected_terms = flow.neglected_terms(state);
  tell("spectrum");
  put_spectrum(flow, state, hooks.interrupted, run);
  return run;
} catch (const Interrupted&) {  // before it began
  FixedPointRun run = started(experiment);
  run.start.reason = StopReason::interrupted;
  run.end.reason = SolveReason::interrupted;
  return run;
}

Run fixed_point_as_run(const Experiment& experiment, const FixedPointRun& run) {
  Run result{
      results_of(experiment, "fixed_point", run.start.reason), run.start.reason, run.start.tau, {}};
  result.results.stop_reason = name(run.end.reason);
  ParameterRun found{{run.start.tau}, {run.parameters}, run.start};
  if (run.neglected_terms) found.neglected_terms = {*run.neglected_terms};
  put_runs(result.results, {found});
  put_numbers_of(run, result.results);
  return result;
}

}  // namespace popflow
