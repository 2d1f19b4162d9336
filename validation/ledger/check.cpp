// The ledger of the ladder of flows, over a fixed set of experiments: how far the receptive fields
// of every closed form of the population gradient are from those of the population, and what each
// closed form costs. The population is known by its orbit average, with a standard error. The
// ledger also says how long SGD takes to be as accurate.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
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

// Right-hand sides that are the same to rounding take the same steps.
constexpr double most_apart = 1e-10;

// How far the reference trajectory may be off because of its step.
constexpr double most_of_step = 2e-3;

template <class Key>
const Row& least(const Result& result, const Key& key) {
  return *std::min_element(result.rows.begin(), result.rows.end(),
                           [&key](const Row& a, const Row& b) { return key(a) < key(b); });
}

double worst_of_all(const Row& row) { return row.errors.worst(Neurons::all); }
double worst_of_negative(const Row& row) { return row.errors.worst(Neurons::negative_bias); }

void check_reference(Claim& claim, const Result& result) {
  claim.require(result.reference.step_error < most_of_step,
                fmt::format("{}: the reference's step is off by {:.1e}, required below {}",
                            result.entry.name, result.reference.step_error, most_of_step));
}

// On Gaussian inputs all closures but the quartic one are exact: that of Gaussian inputs within the
// reference's noise, the others as that one.
void check_clone(Claim& claim, const Result& result) {
  const Row& gaussian = *result.row({"gaussian"});
  for (const Row& row : result.rows) {
    if (row.closure.kind == "quartic") continue;
    double apart = 0.0;
    for (std::size_t n = 0; n < row.climb.fields.size(); ++n)
      apart = std::max(apart, (row.climb.fields[n] - gaussian.climb.fields[n]).norm() /
                                  gaussian.climb.fields[n].norm());
    claim.require(apart < most_apart,
                  fmt::format("{}, {}: off the Gaussian flow by at most {:.1e}, required {}",
                              result.entry.name, row.closure.name(), apart, most_apart));
    double worst = 0.0;
    for (std::size_t n = 0; n < row.errors.all.size(); ++n)
      worst = std::max(worst, row.errors.all[n] / result.standard_errors.all[n]);
    claim.require(worst < most_standard_errors,
                  fmt::format("{}, {}: off by at most {:.2f} standard errors, required {}",
                              result.entry.name, row.closure.name(), worst, most_standard_errors));
  }
}

// The middle of the worst errors over the experiments with one neuron, moderate gain and inputs
// that are not Gaussian; infinite where the closure was not tried on all of them.
double median_error(const std::vector<Result>& results, const Closure& closure) {
  std::vector<double> worst;
  for (const Result& result : results) {
    if (!result.entry.one_neuron() || result.entry.gaussian() ||
        result.entry.gain() > largest_gain_at_median)
      continue;
    const Row* const row = result.row(closure);
    worst.push_back(row ? worst_of_all(*row) : std::numeric_limits<double>::infinity());
  }
  std::sort(worst.begin(), worst.end());
  const bool everywhere = std::isfinite(worst.back());
  return everywhere ? 0.5 * (worst[(worst.size() - 1) / 2] + worst[worst.size() / 2])
                    : std::numeric_limits<double>::infinity();
}

void check_median(Claim& claim, const std::vector<Result>& results) {
  double best = std::numeric_limits<double>::infinity();
  std::string by;
  fmt::print("median over one neuron, gain at most {}, of the worst snapshot's error in %:",
             largest_gain_at_median);
  for (const Closure& closure : all_closures()) {
    const double median = median_error(results, closure);
    if (!std::isfinite(median)) continue;
    fmt::print("  {} {:.2f}", closure.name(), 100.0 * median);
    if (median < best) by = closure.name();
    best = std::min(best, median);
  }
  fmt::print("\n");
  claim.require(best <= most_at_median,
                fmt::format("one neuron, gain at most {}: median error {:.2f} % by {}, required "
                            "{:.0f} %",
                            largest_gain_at_median, 100.0 * best, by, 100.0 * most_at_median));
}

void check_four(Claim& claim, const Result& result) {
  const Row& row = least(result, worst_of_negative);
  claim.require(worst_of_negative(row) <= most_of_four,
                fmt::format("{}: the negative-bias half within {:.2f} % at every snapshot by {}, "
                            "required {:.0f} %",
                            result.entry.name, 100.0 * worst_of_negative(row), row.closure.name(),
                            100.0 * most_of_four));
}

void check_speed(Claim& claim, const Result& reference) {
  const std::vector<SgdPoint> points =
      sgd_points(reference.entry.experiment, reference.reference, claim.smoke());
  fmt::print(
      "SGD on the reference experiment, single precision, all threads\n"
      "{:>14}  {:>8}  {:>12}  {:>10}\n",
      "learning rate", "batch", "error in %", "seconds");
  for (const SgdPoint& point : points)
    fmt::print("{:>14}  {:>8}  {:>12.2f}  {:>10.4f}\n", point.learning_rate, point.batch,
               100.0 * point.error, point.seconds);
  fmt::print("SGD as accurate as a closure\n{:<14}  {:>10}  {:>10}  {:>10}  {:>8}\n", "",
             "error in %", "SGD, s", "closure, s", "ratio");
  for (const Row& row : reference.rows) {
    const double seconds = cheapest(points, worst_of_all(row));
    fmt::print("{:<14}  {:>10.2f}  {:>10.3g}  {:>10.3g}  {:>8.1f}\n", row.closure.name(),
               100.0 * worst_of_all(row), seconds, row.climb.seconds, seconds / row.climb.seconds);
  }
  if (claim.smoke()) return;
  const Row& best = least(reference, worst_of_all);
  const double ratio = cheapest(points, worst_of_all(best)) / best.climb.seconds;
  claim.require(
      ratio >= least_speedup,
      fmt::format("the best closure, {}, is {:.0f} times faster than SGD of equal accuracy, "
                  "required {:.0f}",
                  best.closure.name(), ratio, least_speedup));
}

void check(Claim& claim, const std::vector<Result>& results) {
  const Result& reference = results.front();
  const Row& best = least(reference, worst_of_all);
  claim.require(worst_of_all(best) <= most_on_reference,
                fmt::format("{}: within {:.2f} % at every snapshot by {}, required {:.0f} %",
                            reference.entry.name, 100.0 * worst_of_all(best), best.closure.name(),
                            100.0 * most_on_reference));
  check_median(claim, results);
  for (const Result& result : results) {
    check_reference(claim, result);
    if (result.entry.gaussian())
      check_clone(claim, result);
    else if (!result.entry.one_neuron())
      check_four(claim, result);
  }
  check_speed(claim, reference);
}

}  // namespace

int main(int argc, char** argv) {
  Claim claim(argc, argv);
  std::vector<Result> results;
  for (const Entry& entry : entries(claim.experiment(), claim.smoke())) {
    results.push_back(measured(entry));
    print(results.size(), results.back());
  }
  print_summary(results);
  write_table("ledger.tsv", results);
  write_figure("ledger.gp", results);
  check(claim, results);
  claim.require(std::system("gnuplot ledger.gp") == 0, "figure drawn");
  return claim.status();
}
