// The simple model: the quartic flow of one neuron with a negative bias localises on NLGP inputs,
// and does not on their Gaussian clone. One file of criteria, from several initial weights.

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/core.h>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/dynamics/schedule.hpp"
#include "popflow/experiment/read.hpp"
#include "popflow/flow/quartic_flow.hpp"
#include "popflow/measure/receptive_field.hpp"

#include "claim.hpp"

namespace {

using namespace popflow;

// The prototype's values (theory.md, section 4) and the tolerances that the issue sets.
constexpr double expected_norm = 0.3347, norm_tolerance = 2e-4;
constexpr double expected_ipr = 0.1359, ipr_tolerance = 5e-4;

struct Snapshots {
  std::vector<double> time;
  std::vector<Field> fields;  // receptive fields
};

Snapshots integrated(const Experiment& experiment, const std::vector<double>& times) {
  const QuarticFlow flow(experiment.task, single_neuron(experiment), experiment.network.loss);
  const auto run = integrate(flow, flow.state(initial_weights(experiment)), times);
  Snapshots snapshots{run.time, {}};
  for (const State& state : run.states)
    snapshots.fields.push_back(flow.weights(state).row(0).transpose());
  return snapshots;
}

void check_localised(Claim& claim, int seed) {
  const Experiment experiment = read_experiment(claim.experiment(), {fmt::format("seed={}", seed)});
  const Snapshots snapshots = integrated(experiment, {0.0, 100.0});
  const Field u = snapshots.fields[1];
  const double norm = u.norm(), ipr = inverse_participation_ratio(u);
  claim.require(std::abs(norm - expected_norm) <= norm_tolerance,
                fmt::format("seed {}, NLGP: |u| = {:.5f}, required {} +- {}", seed, norm,
                            expected_norm, norm_tolerance));
  claim.require(std::abs(ipr - expected_ipr) <= ipr_tolerance,
                fmt::format("seed {}, NLGP: IPR = {:.5f}, required {} +- {}", seed, ipr,
                            expected_ipr, ipr_tolerance));
}

double highest_ipr(const Snapshots& snapshots, double from) {
  double highest = 0.0;
  for (std::size_t k = 0; k < snapshots.time.size(); ++k)
    if (snapshots.time[k] >= from)
      highest = std::max(highest, inverse_participation_ratio(snapshots.fields[k]));
  return highest;
}

// The clone's slow stage is a competition of the uniform mode with the longest sinusoid. No mixture
// of the two has an IPR above 15/(7 N) = 0.0214; others have nearly decayed by tau = 50. From some
// initial weights the mixture lasts until tau = 126, so 0.02 holds from tau = 50 on for most, not
// for all (see validation/README.md).
void check_clone(Claim& claim, int seed) {
  const Experiment experiment = read_experiment(
      claim.experiment(), {fmt::format("seed={}", seed), "class.0.input.model=gp-clone",
                           "class.1.input.model=gp-clone"});
  const Snapshots snapshots = integrated(experiment, linear_schedule(800.0, 161));
  const double early = highest_ipr(snapshots, 50.0), late = highest_ipr(snapshots, 150.0);
  const double last = highest_ipr(snapshots, 800.0);
  claim.require(early < 0.025,
                fmt::format("seed {}, clone: highest IPR from tau = 50 on {:.5f}, required < 0.025",
                            seed, early));
  claim.require(late < 0.02,
                fmt::format("seed {}, clone: highest IPR from tau = 150 on {:.5f}, required < 0.02",
                            seed, late));
  claim.require(std::abs(last - 0.01) < 1e-5,
                fmt::format("seed {}, clone: IPR at tau = 800 {:.6f}, required 0.01 +- 1e-5 (the "
                            "uniform mode)",
                            seed, last));
}

void check_decay(Claim& claim) {
  const Experiment experiment = read_experiment(claim.experiment(), {"network.bias=-0.5"});
  const Snapshots snapshots = integrated(experiment, {0.0, 100.0});
  const double ratio = snapshots.fields[1].norm() / snapshots.fields[0].norm();
  const double fastest =
      growth_rate(experiment.task, single_neuron(experiment), experiment.network.loss).maxCoeff();
  claim.require(fastest < 0.0 && ratio < 1e-3,
                fmt::format("bias -0.5: fastest growth rate {:.4f} and |u| falls to {:.1e} of its "
                            "start by tau = 100, required negative and < 1e-3",
                            fastest, ratio));
}

// Least-squares slope of log |u^(q)| over early snapshots, from weights so small (1e-6 of the final
// ones) that the cubic terms are below 1e-9 of the linear ones.
void check_growth_rates(Claim& claim) {
  const Experiment experiment = read_experiment(claim.experiment(), {"network.initial_scale=1e-6"});
  const std::vector<double> times = linear_schedule(1.0, 11);
  const Snapshots snapshots = integrated(experiment, times);
  const Field mu = growth_rate(experiment.task, single_neuron(experiment), experiment.network.loss);
  FourierTransform fourier(experiment.torus());
  Eigen::MatrixXd logs(mu.size(), static_cast<Eigen::Index>(times.size()));
  for (std::size_t k = 0; k < times.size(); ++k)
    logs.col(static_cast<Eigen::Index>(k)) =
        fourier.forward(snapshots.fields[k]).array().abs().log().matrix();
  Eigen::VectorXd centred = Eigen::VectorXd::LinSpaced(logs.cols(), -0.5, 0.5);
  const Field fitted = logs * centred / centred.squaredNorm();
  const double worst = ((fitted - mu).array() / mu.array()).abs().maxCoeff();
  claim.require(worst < 0.01,
                fmt::format("growth rates of all {} modes against `stability`: largest relative "
                            "difference {:.1e}, required < 0.01",
                            mu.size(), worst));
}

void draw_figure(Claim& claim) {
  const std::string file = '"' + claim.experiment() + '"';
  const std::string reduced = claim.smoke() ? " --set flow.t_end=100 --set flow.snapshots=101" : "";
  const std::string clone =
      " --set class.0.input.model=gp-clone --set class.1.input.model=gp-clone";
  claim.run_popflow("flow " + file + reduced + " --quiet -o nlgp.nc");
  claim.run_popflow("flow " + file + reduced + clone + " --quiet -o gaussian-clone.nc");
  claim.run_popflow("plot nlgp.nc gaussian-clone.nc -o simple-model.svg --quiet");
}

}  // namespace

int main(int argc, char** argv) {
  Claim claim(argc, argv);
  const int seeds = claim.smoke() ? 3 : 10;
  for (int seed = 1; seed <= seeds; ++seed) {
    check_localised(claim, seed);
    check_clone(claim, seed);
  }
  check_decay(claim);
  check_growth_rates(claim);
  draw_figure(claim);
  return claim.status();
}
