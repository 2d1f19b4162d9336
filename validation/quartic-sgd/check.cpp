// Theory against simulation: an ensemble of SGD runs on the quartic loss follows the quartic flow
// within its error bars, and the real neuron, trained from the same weights, localises too.

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "popflow/dynamics/ensemble.hpp"
#include "popflow/dynamics/integrate.hpp"
#include "popflow/dynamics/schedule.hpp"
#include "popflow/experiment/read.hpp"
#include "popflow/flow/quartic_flow.hpp"
#include "popflow/measure/alignment.hpp"
#include "popflow/measure/receptive_field.hpp"

#include "claim.hpp"

namespace {

using namespace popflow;

// A run's deviation is normal to good accuracy, so a standardised mean follows Student's t with R -
// 1 degrees of freedom. R = 32: |t| > 4 has probability 4e-4, over 8 snapshots x 9 observables a
// false alarm of 3 %. R = 16 (smoke), 3 snapshots: 1.2e-3 x 27 = 3 %. The seed is fixed.
constexpr double allowed_standard_errors = 4.0;

using Snapshots = std::vector<Field>;

std::vector<double> schedule(const Experiment& experiment) {
  return snapshot_times(sgd_spec(experiment));
}

Snapshots theory(const Experiment& experiment) {
  const QuarticFlow flow(experiment.task, single_neuron(experiment), experiment.network.loss);
  const auto run = integrate(flow, flow.state(initial_weights(experiment)), schedule(experiment));
  Snapshots snapshots;
  for (const State& state : run.states) snapshots.push_back(flow.weights(state).row(0).transpose());
  return snapshots;
}

std::vector<Snapshots> simulation(const Experiment& experiment, SampleGradient gradient, int runs) {
  TrainingOptions options = training_options(experiment);
  options.gradient = gradient;
  std::vector<EnsembleRun> ensemble = new_ensemble(initial_parameters(experiment), runs);
  train_ensemble({experiment.task, network_of(experiment), options}, schedule(experiment),
                 ensemble);
  std::vector<Snapshots> snapshots;
  for (const EnsembleRun& run : ensemble) {
    snapshots.emplace_back();
    for (const Parameters& parameters : run.parameters)
      snapshots.back().push_back(parameters.first().row(0).transpose());
  }
  return snapshots;
}

// Nine unit vectors to project on: the flow's receptive field, its displacement by a site (in which
// a bump is free to drift), and the lowest Fourier modes.
std::vector<Field> observables(const Torus& torus, const Field& u) {
  const int n = torus.sites();
  std::vector<Field> directions = {u, shifted(torus, u, 1) - shifted(torus, u, torus.negate(1)),
                                   Field::Ones(n)};
  for (int q = 1; q <= 3; ++q) {
    const auto angle = (2.0 * std::numbers::pi * q / n * Field::LinSpaced(n, 0.0, n - 1.0)).array();
    directions.push_back(angle.cos());
    directions.push_back(angle.sin());
  }
  for (Field& direction : directions) direction.normalize();
  return directions;
}

double standard_errors_off(const std::vector<Snapshots>& runs, std::size_t snapshot,
                           const Field& expected, const Field& direction) {
  const auto count = static_cast<Eigen::Index>(runs.size());
  Eigen::VectorXd deviation(count);
  for (Eigen::Index r = 0; r < count; ++r)
    deviation[r] = direction.dot(runs[static_cast<std::size_t>(r)][snapshot] - expected);
  const double mean = deviation.mean();
  const double variance =
      (deviation.array() - mean).square().sum() / static_cast<double>(count - 1);
  return mean / std::sqrt(variance / static_cast<double>(count));
}

void check_agreement(Claim& claim, const Experiment& experiment, const Snapshots& flow) {
  const std::vector<Snapshots> runs =
      simulation(experiment, SampleGradient::quartic, sgd_spec(experiment).runs);
  const std::vector<double> times = schedule(experiment);
  for (std::size_t k = 1; k < times.size(); ++k) {
    double worst = 0.0;
    for (const Field& direction : observables(experiment.torus(), flow[k]))
      worst = std::max(worst, std::abs(standard_errors_off(runs, k, flow[k], direction)));
    Field mean = Field::Zero(flow[k].size());
    for (const Snapshots& run : runs) mean += run[k] / static_cast<double>(runs.size());
    claim.require(
        worst < allowed_standard_errors,
        fmt::format("tau = {:g}: mean of {} runs off by at most {:.2f} standard errors over 9 "
                    "observables, required < {:g} (relative error of the mean {:.4f})",
                    times[k], runs.size(), worst, allowed_standard_errors,
                    relative_error(mean, flow[k])));
  }
}

void check_real_neuron(Claim& claim, const Experiment& experiment, const Snapshots& flow) {
  const Field u = simulation(experiment, SampleGradient::network, 1).front().back();
  const double ipr = inverse_participation_ratio(u);
  claim.require(
      ipr > 0.05,
      fmt::format("the erf neuron localises: IPR = {:.4f} (quartic flow {:.4f}, |u| {:.3f} "
                  "against {:.3f}), required > 0.05",
                  ipr, inverse_participation_ratio(flow.back()), u.norm(), flow.back().norm()));
}

void draw_figure(Claim& claim, const std::string& reduced) {
  const std::string file = '"' + claim.experiment() + '"' + reduced + " --set flow.snapshots=41";
  claim.run_popflow("flow " + file + " --quiet -o theory.nc");
  claim.run_popflow("sgd " + file + " --set sgd.snapshots=41 --set sgd.runs=4 --quiet -o sgd.nc");
  claim.run_popflow("plot theory.nc sgd.nc -o quartic-sgd.svg --quiet");
}

}  // namespace

int main(int argc, char** argv) {
  Claim claim(argc, argv);
  std::vector<std::string> overrides;
  if (claim.smoke())
    overrides = {"sgd.runs=16", "sgd.batch=100", "sgd.t_end=20", "flow.t_end=20",
                 "sgd.snapshots=4"};
  const Experiment experiment = read_experiment(claim.experiment(), overrides);
  const Snapshots flow = theory(experiment);
  check_agreement(claim, experiment, flow);
  check_real_neuron(claim, experiment, flow);
  std::string reduced;
  for (const std::string& override : overrides) reduced += " --set " + override;
  draw_figure(claim, reduced);
  return claim.status();
}
