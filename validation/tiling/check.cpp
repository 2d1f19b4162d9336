// Claim of [IG22]: localised receptive fields tile the input. On the ring, those of one sign keep
// apart, against places drawn at random and uniformly; fields of opposite sign take the same
// places.

#include <cmath>
#include <string>
#include <vector>

#include <boost/math/distributions/chi_squared.hpp>
#include <fmt/core.h>

#include "popflow/dynamics/train.hpp"
#include "popflow/experiment/read.hpp"
#include "popflow/measure/localisation.hpp"

#include "claim.hpp"

namespace {

using namespace popflow;

constexpr double least_ratio = 1.15;  // of the mean spacing to that of uniform places
constexpr double most_chance = 1e-3;  // that uniform places keep so far apart
constexpr double least_localised = 0.7;

Parameters trained(const Claim& claim, int seed) {
  std::vector<std::string> overrides{fmt::format("seed={}", seed)};
  if (claim.smoke()) overrides.insert(overrides.end(), {"sgd.t_end=1600", "sgd.batch=250"});
  const Experiment experiment = read_experiment(claim.experiment(), overrides);
  Parameters parameters = initial_parameters(experiment);
  train({experiment.task, network_of(experiment), training_options(experiment)}, parameters,
        snapshot_times(sgd_spec(experiment)), [](const Parameters&, double) {});
  return parameters;
}

// Where the localised fields of a sign are; their sum has it.
std::vector<Point> places(const Weights& u, double sign) {
  Localisation of = localisation(u);
  of.localised = of.localised && (u.rowwise().sum().array() * sign > 0.0);
  return localised_centres(Torus({static_cast<int>(u.cols())}), u, of);
}

struct Seed {
  double fraction;              // of the neurons, localised
  Tiling one_sign, other, all;  // of the sign that more fields have first
};

Seed measured(const Weights& u) {
  const Torus ring({static_cast<int>(u.cols())});
  std::vector<Point> many = places(u, 1.0), few = places(u, -1.0);
  if (few.size() > many.size()) std::swap(many, few);
  std::vector<Point> all = many;
  all.insert(all.end(), few.begin(), few.end());
  return {static_cast<double>(all.size()) / static_cast<double>(u.rows()), tiling(ring, many),
          tiling(ring, few), tiling(ring, all)};
}

// Fisher's: the chance that p-values which are uniform and independent have so small a product.
double combined(const std::vector<double>& p_values) {
  double sum = 0.0;
  for (const double p : p_values) sum -= 2.0 * std::log(p);
  const boost::math::chi_squared distribution(2.0 * static_cast<double>(p_values.size()));
  return boost::math::cdf(boost::math::complement(distribution, sum));
}

void check(Claim& claim) {
  const int seeds = claim.smoke() ? 6 : 20;
  double fraction = 0.0, same = 0.0, all = 0.0;
  std::vector<double> chances;  // one a seed: the two signs' places depend on one another
  fmt::print("{:>5} {:>10} {:>10} {:>10} {:>10} {:>10}\n", "seed", "localised", "one sign",
             "the other", "all", "p");
  for (int seed = 1; seed <= seeds; ++seed) {
    const Seed found = measured(trained(claim, seed).first());
    fmt::print("{:>5} {:>10.2f} {:>10.2f} {:>10.2f} {:>10.2f} {:>10.3f}\n", seed, found.fraction,
               found.one_sign.ratio, found.other.ratio, found.all.ratio, found.one_sign.p_even);
    fraction += found.fraction / seeds;
    same += found.one_sign.ratio / seeds;
    all += found.all.ratio / seeds;
    chances.push_back(found.one_sign.p_even);
  }
  claim.require(
      fraction >= least_localised,
      fmt::format("{:.2f} of the neurons are localised, required {}", fraction, least_localised));
  const double chance = combined(chances);
  claim.require(same >= least_ratio && chance <= most_chance,
                fmt::format("fields of one sign are {:.2f} times as far apart as uniform places, "
                            "required {}; by chance with probability {:.1e}, required {}",
                            same, least_ratio, chance, most_chance));
  claim.require(all < same, fmt::format("fields of both signs: {:.2f}, required less: opposite "
                                        "ones share their places",
                                        all));
}

}  // namespace

int main(int argc, char** argv) {
  Claim claim(argc, argv);
  check(claim);
  claim.draw_training("tiling", {{"tiling", ""}});
  return claim.status();
}
