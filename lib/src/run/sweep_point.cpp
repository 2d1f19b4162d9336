#include "popflow/run/sweep_point.hpp"

#include <exception>
#include <limits>
#include <new>

#include "popflow/dynamics/fixed_point.hpp"
#include "popflow/dynamics/stop_reason.hpp"
#include "popflow/experiment/read.hpp"
#include "popflow/experiment/sweep.hpp"
#include "popflow/flow/quartic_flow.hpp"
#include "popflow/measure/receptive_field.hpp"
#include "popflow/results/sweep_results.hpp"
#include "popflow/run/run.hpp"
#include "popflow/run/run_fixed_point.hpp"
#include "popflow/run/run_flow.hpp"
#include "popflow/run/run_sgd.hpp"

namespace popflow {

namespace {

double largest_growth_rate(const Experiment& experiment) {
  return growth_rate(experiment.task, single_neuron(experiment), experiment.network.loss)
      .maxCoeff();
}

// Not a number where the network has no growth rates.
double growth_rate_if_any(const Experiment& experiment) {
  try {
    return largest_growth_rate(experiment);
  } catch (const InvalidExperiment&) {
    return std::numeric_limits<double>::quiet_NaN();
  }
}

void put_end(const Run& run, bool weights, SweepPoint& point) {
  point.stop_reason = run.results.stop_reason;
  point.tau = run.tau;
  const Weights& u = run.results.runs.front().back();
  for (const auto& row : u.rowwise()) point.norm.push_back(row.stableNorm());
  const Eigen::VectorXd ipr = inverse_participation_ratios(u);
  point.ipr.assign(ipr.begin(), ipr.end());
  if (const std::vector<double> terms = neglected_terms(run.results); !terms.empty())
    point.neglected_terms = terms.back();
  if (weights) point.weights.assign(u.data(), u.data() + u.size());
}

// In the order of fixed_point_quantities().
void put_fixed_point(const FixedPointRun& run, SweepPoint& point) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  const bool known = run.spectrum.growth.size() > 0;
  point.fixed_point = {run.end.residual,
                       run.end.translation_residual,
                       run.end.drift.norm(),
                       run.translation_rate().value_or(none),
                       run.slowest_rate().value_or(none),
                       known ? run.unstable() : none,
                       static_cast<double>(run.end.steps)};
  point.spectrum.assign(run.spectrum.growth.begin(), run.spectrum.growth.end());
}

void compute(const Sweep& sweep, const Experiment& experiment,
             const std::function<bool()>& interrupted, SweepPoint& point) {
  const Torus& torus = experiment.torus();
  point.shape = torus.dimensions() == 1 ? std::vector{torus.columns()}
                                        : std::vector{torus.rows(), torus.columns()};
  if (sweep.run == SweepRun::stability) {
    point.growth_rate = largest_growth_rate(experiment);
    point.stop_reason = "done";
    return;
  }
  point.growth_rate = growth_rate_if_any(experiment);
  const RunHooks hooks{{}, {}, interrupted};
  if (sweep.run == SweepRun::fixed_point) {
    const FixedPointRun run = run_fixed_point(experiment, hooks);
    put_end(fixed_point_as_run(experiment, run), sweep.weights, point);
    put_fixed_point(run, point);
    return;
  }
  put_end(sweep.run == SweepRun::flow ? run_flow(experiment, hooks) : run_sgd(experiment, hooks),
          sweep.weights, point);
}

SweepPoint failed(const std::string& why) {
  SweepPoint point;
  point.stop_reason = "failed";
  point.failure = why;
  point.growth_rate = std::numeric_limits<double>::quiet_NaN();
  return point;
}

// A failure of a point that was interrupted has no meaning.
SweepPoint ended(const std::string& why, const std::function<bool()>& interrupted) {
  if (!interrupted || !interrupted()) return failed(why);
  SweepPoint point;
  point.stop_reason = name(StopReason::interrupted);
  return point;
}

}  // namespace

SweepPoint sweep_point(const Sweep& sweep, std::size_t number,
                       const std::function<bool()>& interrupted) {
  SweepPoint point;
  try {
    compute(sweep, read_experiment(sweep.experiment, sweep.overrides(number), interrupted),
            interrupted, point);
    return point;
  } catch (const std::bad_alloc&) {
    return ended("out of memory", interrupted);
  } catch (const std::exception& error) {
    return ended(error.what(), interrupted);
  }
}

}  // namespace popflow
