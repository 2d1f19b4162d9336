// Training on a finite data set: from how many samples on the neurons of negative bias localise as
// they do online, and from how many on the leading CP factor is found; the Gaussian clone has
// neither at any number. What counts as found, so that noise does not: measured.hpp.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "popflow/experiment/read.hpp"
#include "popflow/input/random_stream.hpp"
#include "popflow/measure/matching.hpp"

#include "claim.hpp"
#include "measured.hpp"

namespace {

using namespace popflow;

struct Size {
  std::vector<int> samples;  // P, by factors of two or more; the first are too few
  int seeds;
  std::vector<std::string> overrides;
};

Size size_of(const Claim& claim) {
  if (claim.smoke()) return {{32, 512, 8192}, 2, {"sgd.t_end=800", "sgd.batch=256"}};
  return {{16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384}, 10, {}};
}

// What the receptive fields and the factor are compared with.
struct Known {
  Weights fields;
  Field leading;
};

// Of P samples, and at last of fresh ones without end; the factor not of these.
struct Row {
  int samples;  // 0: fresh
  std::vector<Learnt> networks;
  std::vector<Factor> factors;
};

Experiment experiment_of(const Claim& claim, const std::string& model, int samples, int seed) {
  std::vector<std::string> overrides = size_of(claim).overrides;
  for (const int c : {0, 1}) overrides.push_back(fmt::format("class.{}.input.model={}", c, model));
  overrides.push_back(fmt::format("seed={}", seed));
  overrides.push_back(fmt::format("sgd.samples={}", samples));
  overrides.push_back(fmt::format("decompose.samples={}", samples / 2));
  return read_experiment(claim.experiment(), overrides);
}

Known known_of(const Claim& claim) {
  constexpr int another_seed = 1000;
  const Experiment online = experiment_of(claim, "nlgp", 0, another_seed);
  return {negative_half(trained(online)), leading_template(online)};
}

struct Estimate {
  double mean, error;
};

Estimate estimate(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  double mean = 0.0, squares = 0.0;
  for (const double value : values) mean += value / n;
  for (const double value : values) squares += std::pow(value - mean, 2);
  return {mean, std::sqrt(squares / (n - 1.0) / n)};
}

// Over the seeds, of `value` of a network or a factor.
template <class Measured, class Value>
Estimate over(const std::vector<Measured>& seeds, const Value& value) {
  std::vector<double> values;
  for (const Measured& one : seeds) values.push_back(static_cast<double>(std::invoke(value, one)));
  return estimate(values);
}

void print(const Row& row) {
  const auto [found, found_error] = over(row.networks, &Learnt::found);
  const auto [ipr, ipr_error] = over(row.networks, &Learnt::ipr);
  fmt::print("{:>7} {:>7.3f} +- {:.3f} {:>8.4f} +- {:.4f} {:>10.3f} {:>8.4f} {:>8.4f}",
             row.samples == 0 ? "fresh" : fmt::format("{}", row.samples), found, found_error, ipr,
             ipr_error, over(row.networks, &Learnt::similarity).mean,
             over(row.networks, &Learnt::train_loss).mean,
             over(row.networks, &Learnt::test_loss).mean);
  if (!row.factors.empty()) {
    const auto [of_factor, of_factor_error] = over(row.factors, &Factor::ipr);
    fmt::print(" {:>7.2f} {:>8.4f} +- {:.4f} {:>10.3f} {:>7.1f}",
               over(row.factors, &Factor::found).mean, of_factor, of_factor_error,
               over(row.factors, &Factor::similarity).mean,
               over(row.factors, [](const Factor& f) { return std::abs(f.z); }).mean);
  }
  fmt::print("\n");
  std::fflush(stdout);
}

std::vector<Row> measured(const Claim& claim, const std::string& model, const Known& known) {
  const Size size = size_of(claim);
  fmt::print(
      "{}, {} seeds: neurons of negative bias, and leading factor of half as many samples\n"
      "{:>7} {:>16} {:>18} {:>10} {:>8} {:>8} {:>7} {:>18} {:>10} {:>7}\n",
      model, size.seeds, "P", "found", "IPR", "similarity", "train", "test", "factor", "IPR",
      "similarity", "|z|");
  std::vector<int> numbers = size.samples;
  numbers.push_back(0);
  std::vector<Row> rows;
  for (const int samples : numbers) {
    Row row{samples, {}, {}};
    for (int seed = 1; seed <= size.seeds; ++seed) {
      const Experiment experiment = experiment_of(claim, model, samples, seed);
      row.networks.push_back(learnt(experiment, known.fields));
      if (samples > 0) row.factors.push_back(factor(experiment, known.leading));
    }
    print(row);
    rows.push_back(std::move(row));
  }
  return rows;
}

// log2 of the P from which on `share` is above one half for this seed, half-way (in log P) between
// the last too few samples and the next; infinite if they never are enough.
template <class Share>
double threshold(const std::vector<Row>& rows, const Share& share) {
  double found = std::log2(rows.front().samples) - 0.5;
  for (std::size_t n = 0; rows[n].samples > 0; ++n) {
    if (share(rows[n]) > 0.5) continue;
    const int next = rows[n + 1].samples;
    found = next == 0 ? HUGE_VAL : 0.5 * std::log2(1.0 * rows[n].samples * next);
  }
  return found;
}

struct Thresholds {
  std::vector<double> network, factor, ratio;  // log2, of every seed
};

Thresholds thresholds(const std::vector<Row>& rows) {
  Thresholds at;
  for (std::size_t seed = 0; seed < rows.front().networks.size(); ++seed) {
    at.network.push_back(threshold(rows, [seed](const Row& r) { return r.networks[seed].found; }));
    at.factor.push_back(
        threshold(rows, [seed](const Row& r) { return r.factors[seed].found ? 1.0 : 0.0; }));
    at.ratio.push_back(at.network.back() - at.factor.back());
  }
  return at;
}

}  // namespace

int main(int argc, char** argv) {
  Claim claim(argc, argv);
  const Known known = known_of(claim);
  const std::vector<Row> nlgp = measured(claim, "nlgp", known),
                         clone = measured(claim, "gp-clone", known);
  const Thresholds at = thresholds(nlgp);
  for (const auto* v : {&at.network, &at.factor, &at.ratio}) {
    const Estimate e = estimate(*v);
    fmt::print("2^({:.2f} +- {:.2f}) = {:.0f}  ", e.mean, e.error, std::exp2(e.mean));
    for (double x : *v) fmt::print(" {:.1f}", x);
    fmt::print("\n");
  }
  return claim.status();
}
