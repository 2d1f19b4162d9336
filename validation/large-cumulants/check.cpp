// Cumulants in two dimensions: the exact table of 20 x 20 sites, and a tiled fit of 100 x 100 sites
// to sampled entries, with its error over unseen ones. Time and memory of each.

#include <chrono>
#include <string>

#include <fmt/core.h>
#include <sys/resource.h>

#include "popflow/experiment/read.hpp"
#include "popflow/moments/cumulant_table.hpp"
#include "popflow/run/decompose.hpp"
#include "popflow/tensor/tiled_cumulant.hpp"

#include "claim.hpp"

namespace {

using namespace popflow;

constexpr double allowed_seconds = 60.0, allowed_gib = 1.0;

// The peak memory of this process so far.
double peak_gib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / (1 << 20);
}

template <class F>
double seconds_of(F&& f) {
  const auto start = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void check_cost(Claim& claim, const std::string& what, double seconds) {
  claim.require(seconds < allowed_seconds && peak_gib() < allowed_gib,
                fmt::format("{}: {:.1f} s, peak {:.2f} GiB, required below {} s and {} GiB", what,
                            seconds, peak_gib(), allowed_seconds, allowed_gib));
}

// The estimate of the error must agree with the whole table where there is one.
void check_estimate(Claim& claim) {
  const std::vector<std::string> small{"lattice.shape=[12,12]",
                                       "class.0.input.correlation_length=2.5"};
  const Experiment experiment = read_experiment(claim.experiment(), small);
  const Decomposition d = decompose(experiment, [](const std::string&) {});
  const TiledFactors factors{d.torus, d.lambda, d.factors.transpose()};
  const FourthCumulant kappa = fourth_cumulant(experiment.task[0].input);
  double squared_error = 0.0, squared_norm = 0.0;
  const CumulantTable table(kappa);
  for (int a = 0; a < d.torus.sites(); ++a)
    for (int b = 0; b < d.torus.sites(); ++b)
      for (int c = 0; c < d.torus.sites(); ++c) {
        const double exact = table(a, b, c);
        const double difference = exact - (a <= b && b <= c ? factors(a, b, c) : exact);
        const int times = a == b && b == c ? 1 : a == b || b == c ? 3 : 6;
        if (a <= b && b <= c) squared_error += times * difference * difference;
        squared_norm += exact * exact;
      }
  const double exact = std::sqrt(squared_error / squared_norm);
  const double deviation = (d.relative_error - exact) / *d.standard_error;
  claim.require(std::abs(deviation) < 4.0,
                fmt::format("12 x 12: error over unseen entries {:.5f} +- {:.5f}, over all {:.5f}: "
                            "{:.1f} standard errors, required below 4",
                            d.relative_error, *d.standard_error, exact, deviation));
}

void check_large(Claim& claim) {
  const Experiment experiment = read_experiment(claim.experiment());
  Decomposition d;
  const double seconds = seconds_of([&] { d = decompose(experiment, [](const std::string&) {}); });
  fmt::print(
      "100 x 100, xi = 8, R = 1: error over 100000 unseen entries {:.5f} +- {:.5f}, lambda "
      "{:.4g}\n",
      d.relative_error, *d.standard_error, d.lambda[0]);
  check_cost(claim, "tiled fit of 100 x 100 sites", seconds);
  claim.require(d.relative_error < 0.2 && *d.standard_error < 0.01,
                "100 x 100, R = 1: error below 0.2, known to 0.01");
}

void check_table(Claim& claim) {
  const Experiment experiment = read_experiment(
      claim.experiment(), {"lattice.shape=[20,20]", "class.0.input.correlation_length=4"});
  double norm = 0.0;
  const double seconds = seconds_of(
      [&] { norm = CumulantTable(fourth_cumulant(experiment.task[0].input)).squared_norm(); });
  fmt::print("20 x 20, xi = 4: sum of kappa^2 = {:.6g}\n", norm);
  check_cost(claim, "exact table of 20 x 20 sites", seconds);
}

}  // namespace

int main(int argc, char** argv) {
  Claim claim(argc, argv);
  check_large(claim);
  check_table(claim);
  check_estimate(claim);
  claim.run_popflow("decompose \"" + claim.experiment() + "\" -o factors.nc");
  claim.run_popflow("plot factors.nc -o large-cumulants.svg --quiet");
  return claim.status();
}
