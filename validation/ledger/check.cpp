// The ledger of the ladder of flows: over a fixed set of experiments, how far the receptive fields
// of every closed form of the population gradient are from the population, known by its orbit
// average with a standard error, and what each costs; and how long SGD takes to be as accurate.

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "claim.hpp"
#include "report.hpp"
#include "result.hpp"
#include "sgd_cost.hpp"

namespace {

using namespace ledger;

constexpr double most_on_reference = 0.08, most_at_median = 0.10, most_of_four = 0.15;
constexpr double largest_gain_at_median = 3.0;
constexpr double least_speedup = 100.0;

// The ratio of an error to its own standard error, from R = 8 runs: in the worst case, noise along
// one direction only, its false-alarm rate is that of Student's t with 7 degrees of freedom, 5e-3 a
// snapshot above 4.
constexpr double most_standard_errors = 4.0;

// How far the reference trajectory may be off because of its step.
constexpr double most_of_step = 2e-3;

// The rung whose worst error is least. An entry may have rungs without any finite error.
const Row& best(const Result& result) {
  return *std::min_element(result.rows.begin(), result.rows.end(), [](const Row& a, const Row& b) {
    return a.errors.worst() < b.errors.worst();
  });
}

void check_reference(Claim& claim, const Result& result) {
  claim.require(result.reference.step_error < most_of_step,
                fmt::format("{}: the reference's step is off by {:.1e}, required below {}",
                            result.entry.name, result.reference.step_error, most_of_step));
}

// On Gaussian inputs all rungs but the quartic one are exact.
void check_clone(Claim& claim, const Result& result) {
  for (const Row& row : result.rows) {
    if (row.rung.kind == "quartic") continue;
    double worst = 0.0;
    for (std::size_t n = 0; n < row.errors.all.size(); ++n)
      worst = std::max(worst, row.errors.all[n] / result.standard_errors.all[n]);
    claim.require(worst < most_standard_errors,
                  fmt::format("{}, {}: off by at most {:.2f} standard errors, required {}",
                              result.entry.name, row.rung.name(), worst, most_standard_errors));
  }
}

void check_median(Claim& claim, const std::vector<Result>& results, const Rung& rung) {
  std::vector<double> worst;
  for (const Result& result : results) {
    const Row* const row = result.row(rung);
    if (row && result.entry.one_neuron() && !result.entry.gaussian() &&
        result.entry.gain() <= largest_gain_at_median)
      worst.push_back(row->errors.worst());
  }
  std::sort(worst.begin(), worst.end());
  const double median = 0.5 * (worst[(worst.size() - 1) / 2] + worst[worst.size() / 2]);
  claim.require(median <= most_at_median,
                fmt::format("one neuron, gain at most {}, {} experiments: median of the worst "
                            "snapshot's error {:.2f} % by {}, required {:.0f} %",
                            largest_gain_at_median, worst.size(), 100.0 * median, rung.name(),
                            100.0 * most_at_median));
}

// The best rung is that of the half's own error.
void check_four(Claim& claim, const Result& result) {
  const auto worst = [](const Row& row) { return row.errors.worst(Neurons::negative_bias); };
  const Row& row =
      *std::min_element(result.rows.begin(), result.rows.end(),
                        [&worst](const Row& a, const Row& b) { return worst(a) < worst(b); });
  claim.require(
      worst(row) <= most_of_four,
      fmt::format("{}: the negative-bias half within {:.2f} % at every snapshot by {}, "
                  "required {:.0f} %",
                  result.entry.name, 100.0 * worst(row), row.rung.name(), 100.0 * most_of_four));
}

void check_speed(Claim& claim, const Result& reference, const Row& row) {
  const std::vector<SgdPoint> points =
      sgd_points(reference.entry.experiment, reference.reference, claim.smoke());
  fmt::print(
      "SGD on the reference experiment, single precision, all threads\n"
      "{:>14}  {:>8}  {:>12}  {:>10}\n",
      "learning rate", "batch", "error in %", "seconds");
  for (const SgdPoint& point : points)
    fmt::print("{:>14}  {:>8}  {:>12.2f}  {:>10.4f}\n", point.learning_rate, point.batch,
               100.0 * point.error, point.seconds);
  const auto seconds = cheapest(points, row.errors.worst());
  if (claim.smoke()) return;
  claim.require(seconds && *seconds / row.climb.seconds >= least_speedup,
                seconds ? fmt::format("SGD as accurate as {} ({:.2f} %) takes {:.2f} s, {:.0f} "
                                      "times its {:.2f} ms (and {:.2f} ms to set up), required {}",
                                      row.rung.name(), 100.0 * row.errors.worst(), *seconds,
                                      *seconds / row.climb.seconds, 1e3 * row.climb.seconds,
                                      1e3 * row.climb.setup_seconds, least_speedup)
                        : "SGD reaches the accuracy of the best rung");
}

void check(Claim& claim, const std::vector<Result>& results) {
  const Result& reference = results.front();
  const Row& row = best(reference);
  claim.require(row.errors.worst() <= most_on_reference,
                fmt::format("{}: within {:.2f} % at every snapshot by {}, required {:.0f} %",
                            reference.entry.name, 100.0 * row.errors.worst(), row.rung.name(),
                            100.0 * most_on_reference));
  check_median(claim, results, row.rung);
  for (const Result& result : results) {
    check_reference(claim, result);
    if (result.entry.gaussian())
      check_clone(claim, result);
    else if (!result.entry.one_neuron())
      check_four(claim, result);
  }
  check_speed(claim, reference, row);
}

}  // namespace

int main(int argc, char** argv) {
  Claim claim(argc, argv);
  std::vector<Result> results;
  for (const Entry& entry : entries(claim.experiment(), claim.smoke())) {
    results.push_back(measured(entry));
    print(results.size(), results.back());
  }
  write_table("ledger.tsv", results);
  write_figure("ledger.gp", results);
  check(claim, results);
  claim.require(std::system("gnuplot ledger.gp") == 0, "figure drawn");
  return claim.status();
}
