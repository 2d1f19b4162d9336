// Claim 8, [LSG24]: inputs whose sites have sufficiently negative excess kurtosis localise, those
// of positive kurtosis do not, and elliptical inputs give one Fourier mode whatever their kurtosis
// is.

#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "popflow/experiment/read.hpp"
#include "popflow/measure/receptive_field.hpp"
#include "popflow/run/run.hpp"
#include "popflow/run/run_flow.hpp"
#include "popflow/run/run_sgd.hpp"

#include "claim.hpp"
#include "one_mode.hpp"

namespace {

using namespace popflow;

// Positive kurtosis leaves a mixture of the longest waves for long.
enum class Ends { localised, long_waves, one_mode };

struct Law {
  std::string name, keys;
  Ends ends;
  double least_by_sgd = 0.0;  // N IPR of the erf neuron; 0: not localised
  bool smoke = false;
};

const std::vector<Law> laws{
    {"Ising", "model=\"ising\"", Ends::localised, 4.0, true},
    {"beta(1/2)", "model=\"copula\", marginal=\"beta\", shape=0.5", Ends::localised, 4.0},
    {"uniform", "model=\"copula\", marginal=\"uniform\"", Ends::localised, 4.0},
    {"generalised normal(4)", "model=\"copula\", marginal=\"generalised-normal\", shape=4",
     Ends::localised, 2.5},
    {"Gaussian", "model=\"gp\"", Ends::one_mode},
    {"Laplace", "model=\"copula\", marginal=\"laplace\"", Ends::long_waves, 0.0, true},
    {"Student(6)", "model=\"copula\", marginal=\"student-t\", shape=6", Ends::long_waves},
    {"elliptical, least", "model=\"elliptical\", kurtosis=\"least\"", Ends::one_mode, 0.0, true},
    {"elliptical, 3", "model=\"elliptical\", kurtosis=3", Ends::one_mode}};

// A bump that occupies a fifth of the sites; what waves have at most, mixed; less than a thousandth
// of the power outside one mode.
constexpr double least_concentration = 5.0, most_concentration = 2.0, least_share = 0.999;

std::vector<std::string> overrides(const Law& law, int seed) {
  return {fmt::format("class.0.input={{{}, correlation_length=4}}", law.keys),
          fmt::format("class.1.input={{{}, correlation_length=1}}", law.keys),
          fmt::format("seed={}", seed)};
}

Field last_field(const Run& run) { return run.results.runs.front().back().row(0).transpose(); }

void check_flow(Claim& claim, const Law& law, int seed) {
  const Experiment experiment = read_experiment(claim.experiment(), overrides(law, seed));
  const Field u = last_field(run_flow(experiment));
  const double concentration = experiment.torus().sites() * inverse_participation_ratio(u),
               share = share_of_one_mode(experiment.torus(), u);
  const std::string where =
      fmt::format("{:<22} kurtosis {:6.3f}, seed {}: N IPR {:6.3f}, one mode has {:.5f}", law.name,
                  experiment.task[0].input.four_point(0, 0, 0) - 3.0, seed, concentration, share);
  if (law.ends == Ends::localised)
    claim.require(concentration >= least_concentration,
                  fmt::format("{}, required N IPR {}", where, least_concentration));
  else if (law.ends == Ends::long_waves)
    claim.require(concentration <= most_concentration,
                  fmt::format("{}, required N IPR at most {}", where, most_concentration));
  else
    claim.require(share >= least_share, fmt::format("{}, required {}", where, least_share));
}

void check_sgd(Claim& claim, const Law& law) {
  const Experiment experiment = read_experiment(claim.experiment(), overrides(law, 1));
  const double concentration =
      experiment.torus().sites() * inverse_participation_ratio(last_field(run_sgd(experiment)));
  const bool localises = law.ends == Ends::localised;
  const double required = localises ? law.least_by_sgd : most_concentration;
  claim.require(localises ? concentration >= required : concentration <= required,
                fmt::format("{:<22} SGD of the erf neuron: N IPR {:.3f}, required at {} {}",
                            law.name, concentration, localises ? "least" : "most", required));
}

void draw(Claim& claim) {
  std::string files;
  for (const auto& [n, name] : {std::pair{0, "ising"}, {5, "laplace"}, {7, "elliptical"}}) {
    const auto set = overrides(laws[static_cast<std::size_t>(n)], 1);
    claim.run_popflow(fmt::format("flow \"{}\" --quiet -o {}.nc --set '{}' --set '{}'",
                                  claim.experiment(), name, set[0], set[1]));
    files += fmt::format(" {}.nc", name);
  }
  claim.run_popflow("plot" + files + " -o kurtosis.svg --quiet");
}

}  // namespace

int main(int argc, char** argv) {
  Claim claim(argc, argv);
  for (int seed = 1; seed <= (claim.smoke() ? 1 : 3); ++seed)
    for (const Law& law : laws)
      if (law.smoke || !claim.smoke()) check_flow(claim, law, seed);
  for (const Law& law : laws)
    if (law.smoke || !claim.smoke()) check_sgd(claim, law);
  draw(claim);
  return claim.status();
}
