// Claim 4 of [IG22]: the neurons split by frequency first, some become smooth and the others rough,
// and only then the smooth ones localise; the more so the higher the gain, and not at all as the
// inputs become Gaussian. With the excess kurtosis of the pre-activations of both kinds at the end.

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "popflow/dynamics/train.hpp"
#include "popflow/experiment/read.hpp"
#include "popflow/lattice/fourier.hpp"
#include "popflow/lattice/half_spectrum.hpp"
#include "popflow/measure/kurtosis.hpp"
#include "popflow/measure/receptive_field.hpp"
#include "popflow/tensor/exact_cumulant.hpp"

#include "claim.hpp"

namespace {

using namespace popflow;

// The class of long correlations has 99 % of its power in the modes up to 8, that of short ones 17
// %.
constexpr int low_modes = 8;
constexpr double smooth = 0.9, rough = 0.1;
constexpr double localised = 0.06;   // IPR: twice a Gaussian vector's on 100 sites
constexpr double least_delay = 2.0;  // of localisation, in units of the time of the split: median
constexpr double never = std::numeric_limits<double>::infinity();

double share_of_low_modes(const FourierTransform& fourier, const Field& u) {
  const Field power =
      mode_multiplicity(fourier.torus()).array() * fourier.forward(u).array().abs2();
  return power.head(low_modes + 1).sum() / power.sum();
}

struct Events {
  std::vector<double> split, localisation;  // tau, of every smooth neuron
  double rough = never;                     // tau from when on the others are rough
  double mean_ipr = 0.0;                    // of the smooth neurons, at the end
  Eigen::VectorXd kurtosis;                 // of all neurons in the first class, at the end
};

// The neurons of negative bias are the smooth ones, the first half.
void observe(const FourierTransform& fourier, const Parameters& now, double tau, Events& events) {
  const Eigen::Index K = now.hidden();
  double most = 0.0;
  events.mean_ipr = 0.0;
  for (Eigen::Index k = 0; k < K; ++k) {
    const Field u = now.first().row(k).transpose();
    const double share = share_of_low_modes(fourier, u);
    if (k >= K / 2) {
      most = std::max(most, share);
      continue;
    }
    const auto n = static_cast<std::size_t>(k);
    const double ipr = inverse_participation_ratio(u);
    if (share > smooth) events.split[n] = std::min(events.split[n], tau);
    if (ipr > localised) events.localisation[n] = std::min(events.localisation[n], tau);
    events.mean_ipr += 2.0 * ipr / static_cast<double>(K);
  }
  if (most < rough) events.rough = std::min(events.rough, tau);
}

Events observed(const Experiment& experiment) {
  FourierTransform fourier(experiment.torus());
  Parameters parameters = initial_parameters(experiment);
  Events events;
  events.split.assign(static_cast<std::size_t>(parameters.hidden() / 2), never);
  events.localisation = events.split;
  train({experiment.task, network_of(experiment), training_options(experiment)}, parameters,
        snapshot_times(sgd_spec(experiment)),
        [&](const Parameters& now, double tau) { observe(fourier, now, tau, events); });
  CumulantOperator kappa = exact_cumulant(experiment.task[0].input, 1e-6);
  events.kurtosis = preactivation_kurtosis(experiment.task[0].input, kappa, parameters.first());
  return events;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return 0.5 * (values[(values.size() - 1) / 2] + values[values.size() / 2]);
}

Experiment with_gain(const Claim& claim, int seed, double gain) {
  std::vector<std::string> overrides{fmt::format("seed={}", seed),
                                     fmt::format("class.0.input.gain={}", gain),
                                     fmt::format("class.1.input.gain={}", gain)};
  if (claim.smoke()) overrides.insert(overrides.end(), {"sgd.t_end=1000", "sgd.batch=500"});
  return read_experiment(claim.experiment(), overrides);
}

void check_order(Claim& claim, int seed, const Events& found) {
  bool ordered = true;
  for (std::size_t k = 0; k < found.split.size(); ++k)
    ordered = ordered && found.split[k] < found.localisation[k] && found.localisation[k] < never;
  const double split = median(found.split), localisation = median(found.localisation);
  claim.require(ordered && found.rough <= localisation && localisation >= least_delay * split,
                fmt::format("seed {}: rough from tau = {:.0f} on; smooth at {:.0f}, localised at "
                            "{:.0f} (medians), required in that order for every neuron, and {} "
                            "times later",
                            seed, found.rough, split, localisation, least_delay));
  const Eigen::Index half = found.kurtosis.size() / 2;
  const auto low = found.kurtosis.head(half), high = found.kurtosis.tail(half);
  claim.require(
      low.maxCoeff() < high.minCoeff() && low.maxCoeff() < -0.5,
      fmt::format("seed {}: excess kurtosis of the pre-activations, inputs of long "
                  "correlations: localised {:.2f} to {:.2f}, oscillating {:.2f} to {:.2f}, "
                  "required lower for the localised ones, and below -0.5",
                  seed, low.minCoeff(), low.maxCoeff(), high.minCoeff(), high.maxCoeff()));
}

void check_seed(Claim& claim, int seed) {
  const std::vector<double> gains =
      claim.smoke() ? std::vector{0.1, 3.0} : std::vector{0.1, 0.5, 1.0, 3.0, 10.0};
  double before = 0.0;
  for (const double gain : gains) {
    const Events found = observed(with_gain(claim, seed, gain));
    if (gain == 3.0) check_order(claim, seed, found);
    claim.require(gain > 0.2 ? found.mean_ipr > before : found.mean_ipr < 0.03,
                  fmt::format("seed {}, gain {}: mean IPR {:.4f} of the smooth neurons at the end, "
                              "required {} {:.4f}",
                              seed, gain, found.mean_ipr, gain > 0.2 ? "above" : "below",
                              gain > 0.2 ? before : 0.03));
    before = found.mean_ipr;
  }
}

void draw(Claim& claim) {
  const std::string four = "--set network.hidden=4";
  claim.draw_training(
      "order-of-events",
      {{"gain-3", four},
       {"gain-0.1", four + " --set class.0.input.gain=0.1 --set class.1.input.gain=0.1"}});
}

}  // namespace

int main(int argc, char** argv) {
  Claim claim(argc, argv);
  for (int seed = 1; seed <= (claim.smoke() ? 1 : 3); ++seed) check_seed(claim, seed);
  draw(claim);
  return claim.status();
}
