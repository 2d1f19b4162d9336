// Claim 3 of [IG22], images: on NLGP inputs the receptive fields of the neurons with negative bias
// localise in both directions, on the Gaussian clone none does.

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "popflow/dynamics/train.hpp"
#include "popflow/experiment/read.hpp"
#include "popflow/measure/receptive_field.hpp"

#include "claim.hpp"

namespace {

using namespace popflow;

// On 400 sites a uniform field has IPR 0.0025, a plane wave 0.004, a Gaussian vector 0.0075, and a
// round bump of s = 1.8 sites 0.05.
constexpr double localised = 0.05, clone_most = 0.01, oscillating_most = 0.02;
constexpr double start_most = 0.011;  // of 400 Gaussian numbers, plus six standard deviations

const std::string clones = "--set class.0.input.model=gp-clone --set class.1.input.model=gp-clone";

struct Iprs {
  std::vector<double> start, end;  // of every neuron, those of negative bias first
};

std::vector<double> iprs(const Parameters& at) {
  std::vector<double> values;
  for (Eigen::Index k = 0; k < at.hidden(); ++k)
    values.push_back(inverse_participation_ratio(Field(at.first().row(k).transpose())));
  return values;
}

Iprs trained(const std::string& file, const std::vector<std::string>& overrides) {
  const Experiment experiment = read_experiment(file, overrides);
  Parameters parameters = initial_parameters(experiment);
  Iprs found;
  found.start = iprs(parameters);
  train({experiment.task, network_of(experiment), training_options(experiment)}, parameters,
        snapshot_times(sgd_spec(experiment)),
        [&found](const Parameters& now, double) { found.end = iprs(now); });
  return found;
}

struct Half {
  double least, mean, most;
};

Half half(const std::vector<double>& iprs, bool negative) {
  const auto middle = iprs.begin() + static_cast<std::ptrdiff_t>(iprs.size() / 2);
  const std::vector<double> of(negative ? iprs.begin() : middle, negative ? middle : iprs.end());
  double sum = 0.0;
  for (const double ipr : of) sum += ipr;
  const auto [least, most] = std::minmax_element(of.begin(), of.end());
  return {*least, sum / static_cast<double>(of.size()), *most};
}

void check_seed(Claim& claim, int seed) {
  std::vector<std::string> overrides{fmt::format("seed={}", seed)};
  if (claim.smoke()) overrides.insert(overrides.end(), {"sgd.t_end=800", "sgd.batch=500"});
  const double required = claim.smoke() ? 0.03 : localised;
  const Iprs nlgp = trained(claim.experiment(), overrides);
  overrides.insert(overrides.end(),
                   {"class.0.input.model=gp-clone", "class.1.input.model=gp-clone"});
  const Iprs clone = trained(claim.experiment(), overrides);
  const Half start = half(nlgp.start, true), grown = half(nlgp.end, true),
             other = half(nlgp.end, false), control = half(clone.end, true),
             other_control = half(clone.end, false);
  claim.require(start.most <= start_most,
                fmt::format("seed {}: IPR {:.4f} to {:.4f} at the start, required at most {}", seed,
                            start.least, start.most, start_most));
  claim.require(grown.mean >= required,
                fmt::format("seed {}: NLGP, negative bias: IPR {:.4f} to {:.4f}, mean {:.4f}, "
                            "required {}",
                            seed, grown.least, grown.most, grown.mean, required));
  claim.require(other.most <= oscillating_most,
                fmt::format("seed {}: NLGP, positive bias: IPR at most {:.4f}, required {}", seed,
                            other.most, oscillating_most));
  claim.require(std::max(control.most, other_control.most) <= clone_most,
                fmt::format("seed {}: Gaussian clone: IPR at most {:.4f} and {:.4f} (negative and "
                            "positive bias), required {}",
                            seed, control.most, other_control.most, clone_most));
}

}  // namespace

int main(int argc, char** argv) {
  Claim claim(argc, argv);
  for (int seed = 1; seed <= (claim.smoke() ? 1 : 5); ++seed) check_seed(claim, seed);
  claim.draw_training("torus", {{"nlgp", ""}, {"clone", clones}});
  return claim.status();
}
