#include "reference.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/dynamics/orbit_flow.hpp"
#include "popflow/experiment/experiment_flow.hpp"
#include "popflow/measure/ensemble_mean.hpp"

#include "closures.hpp"

namespace ledger {

namespace {

using namespace popflow;

Fields fixed_steps(const Experiment& experiment, const AnyFlow& flow) {
  const FlowSpec& spec = flow_spec(experiment);
  const auto run = integrate_fixed(flow, flow.state(initial_parameters(experiment)),
                                   snapshot_times(spec), FixedStepOptions{.step = spec.step});
  if (run.end.reason != StopReason::reached_end)
    throw std::runtime_error("a reference trajectory diverged");
  Fields fields;
  for (const State& state : run.states) fields.push_back(flow.weights(state));
  return fields;
}

Fields orbit_run(const Experiment& experiment, int run) {
  const OrbitFlow flow(
      experiment.task, network_of(experiment), initial_parameters(experiment),
      experiment.network.learning,
      {flow_spec(experiment).samples, experiment.seed, static_cast<std::uint32_t>(run)});
  return fixed_steps(experiment, flow);
}

// The Gaussian flow has rates of the same size, and its own step is controlled.
double error_of_step(const Experiment& experiment) {
  const Closure gaussian{"gaussian"};
  const AnyFlow flow = experiment_flow(experiment, spec_of(experiment, gaussian)).flow;
  const Fields fixed = fixed_steps(experiment, flow),
               controlled = run_closure(experiment, gaussian)->fields;
  double worst = 0.0;
  for (std::size_t n = 1; n < fixed.size(); ++n)
    worst = std::max(worst, (fixed[n] - controlled[n]).norm() / controlled[n].norm());
  return worst;
}

EnsembleMean mean_at(const Experiment& experiment, const Reference& reference, std::size_t n,
                     Neurons neurons) {
  std::vector<Weights> runs;
  for (const Fields& run : reference.runs) runs.push_back(chosen(experiment, run[n], neurons));
  return ensemble_mean(runs);
}

}  // namespace

Weights chosen(const Experiment& experiment, const Weights& u, Neurons neurons) {
  if (neurons == Neurons::all) return u;
  std::vector<Eigen::Index> rows;
  for (Eigen::Index k = 0; k < u.rows(); ++k)
    if (experiment.network.bias[static_cast<std::size_t>(k)] < 0.0) rows.push_back(k);
  return u(rows, Eigen::all);
}

Reference orbit_average(const Experiment& experiment) {
  const FlowSpec& spec = flow_spec(experiment);
  Reference reference;
  reference.time = snapshot_times(spec);
  const Stopwatch stopwatch;
  for (int run = 0; run < spec.runs; ++run) reference.runs.push_back(orbit_run(experiment, run));
  reference.seconds = stopwatch.seconds();
  for (std::size_t n = 0; n < reference.time.size(); ++n)
    reference.mean.push_back(mean_at(experiment, reference, n, Neurons::all).mean);
  reference.step_error = error_of_step(experiment);
  return reference;
}

double standard_error(const Experiment& experiment, const Reference& reference, std::size_t n,
                      Neurons neurons) {
  const EnsembleMean found = mean_at(experiment, reference, n, neurons);
  return std::sqrt(found.variance.value()) / found.mean.norm();
}

double relative_error(const Experiment& experiment, const Reference& reference,
                      const Fields& fields, std::size_t n, Neurons neurons) {
  const Weights mean = chosen(experiment, reference.mean[n], neurons);
  return (chosen(experiment, fields[n], neurons) - mean).norm() / mean.norm();
}

}  // namespace ledger
