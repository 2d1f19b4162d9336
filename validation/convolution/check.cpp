// Claim 5 of [IG22]: the localised receptive fields of a fully connected network are the filters of
// a convolutional network that is trained on the same task.

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "popflow/dynamics/train.hpp"
#include "popflow/experiment/read.hpp"
#include "popflow/input/random_stream.hpp"
#include "popflow/measure/localisation.hpp"
#include "popflow/measure/matching.hpp"

#include "claim.hpp"

namespace {

using namespace popflow;

constexpr double required_median = 0.9;
constexpr double above_chance = 0.1;

// The kernel is twice as wide as a localised receptive field; it learns from all its places at
// once.
const std::vector<std::string> convolution{"network.kernel=[41]", "network.pooling=average",
                                           "sgd.batch=100"};

Weights trained(const std::string& file, const std::vector<std::string>& overrides) {
  const Experiment experiment = read_experiment(file, overrides);
  Parameters parameters = initial_parameters(experiment);
  train({experiment.task, network_of(experiment), training_options(experiment)}, parameters,
        snapshot_times(sgd_spec(experiment)), [](const Parameters&, double) {});
  return receptive_fields(experiment.torus(), network_of(experiment), parameters.first());
}

Weights localised_of(const Weights& fields) {
  const Localisation which = localisation(fields);
  std::vector<Eigen::Index> rows;
  for (Eigen::Index k = 0; k < fields.rows(); ++k)
    if (which.localised[k]) rows.push_back(k);
  return fields(rows, Eigen::all);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return 0.5 * (values[(values.size() - 1) / 2] + values[values.size() / 2]);
}

double median_similarity(const Matching& matching) {
  std::vector<double> similarities;
  for (const Match& match : matching.matches) similarities.push_back(match.similarity);
  return median(similarities);
}

// The similarity of every field with a filter drawn at random, at a random place.
double random_pairing(const Weights& fields, const Weights& filters, int seed) {
  RandomStream stream(static_cast<std::uint64_t>(seed), Purpose::matching, 0);
  constexpr int draws = 200;
  const auto below = [&stream](Eigen::Index n) {
    return static_cast<Eigen::Index>(stream.uniform() * static_cast<double>(n)) % n;
  };
  std::vector<double> similarities;
  for (Eigen::Index k = 0; k < fields.rows(); ++k)
    for (int d = 0; d < draws; ++d) {
      const auto field = fields.row(k), filter = filters.row(below(filters.rows()));
      const Eigen::Index n = field.size(), shift = below(n);
      const double product = field.head(n - shift).dot(filter.tail(n - shift)) +
                             field.tail(shift).dot(filter.head(shift));
      similarities.push_back(std::abs(product) / (field.norm() * filter.norm()));
    }
  return median(similarities);
}

void check_seed(Claim& claim, int seed) {
  std::vector<std::string> overrides{fmt::format("seed={}", seed)};
  if (claim.smoke()) overrides.insert(overrides.end(), {"sgd.t_end=1000", "sgd.batch=500"});
  const Weights fields = localised_of(trained(claim.experiment(), overrides));
  overrides.insert(overrides.end(), convolution.begin(), convolution.end());
  const Weights filters = trained(claim.experiment(), overrides);
  FourierTransform fourier(Torus({100}));
  const MatchOptions options{.shift = true, .reflection = true};
  const double found = median_similarity(nearest(fourier, fields, filters, options));
  const Baseline chance =
      random_baseline(fourier, fields, filters, options,
                      {.partners = Partners::shared, .trials = claim.smoke() ? 100 : 1000});
  const double pairing = random_pairing(fields, filters, seed);
  claim.require(fields.rows() >= 3, fmt::format("seed {}: {} of 8 receptive fields are localised, "
                                                "required 3",
                                                seed, fields.rows()));
  claim.require(found >= required_median && found >= chance.mean + above_chance,
                fmt::format("seed {}: median best match with the convolution's filters {:.4f}, "
                            "required {} and {} above random fields of the same power spectrum; "
                            "these reach {:.3f} +- {:.3f}, a random pairing {:.3f}",
                            seed, found, required_median, above_chance, chance.mean,
                            chance.standard_deviation, pairing));
}

void draw(Claim& claim) {
  claim.draw_training("convolution",
                      {{"connected", "--set network.hidden=4"},
                       {"convolution", fmt::format("--set network.hidden=4 --set {}",
                                                   fmt::join(convolution, " --set "))}});
}

}  // namespace

int main(int argc, char** argv) {
  Claim claim(argc, argv);
  for (int seed = 1; seed <= (claim.smoke() ? 1 : 5); ++seed) check_seed(claim, seed);
  draw(claim);
  return claim.status();
}
