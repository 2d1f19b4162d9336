// Symmetric CP of the dense tensor at R = N, xi = 0.08 N, g = 3: error and time against those of
// theory.md's prototype and of unsymmetric alternating least squares. The dense form knows nothing
// of the lattice; the Fourier-space form of the same tensor gives the same answer sooner.

#include <chrono>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "popflow/experiment/read.hpp"
#include "popflow/moments/band_limited_cumulant.hpp"
#include "popflow/tensor/symmetric_cp.hpp"
#include "popflow/tensor/symmetric_tensor.hpp"

#include "claim.hpp"

namespace {

using namespace popflow;

struct Case {
  int sites;
  double allowed;
};
constexpr Case cases[] = {{20, 0.12}, {30, 0.105}, {40, 0.10}};
constexpr double aim_at_40 = 0.078, allowed_seconds_at_40 = 2.0;

// How the tensor is held, and the seed of the fit.
struct Fitted {
  const char* name;
  int seed;
};

template <class Form>
void check_form(Claim& claim, const Fitted& fitted, Form form, const CumulantTable& table,
                const Case& asked) {
  const auto [name, seed] = fitted;
  const auto start = std::chrono::steady_clock::now();
  const SymmetricCpFit fit =
      symmetric_cp(form, asked.sites * table.squared_norm(),
                   {.rank = asked.sites, .seed = static_cast<std::uint64_t>(seed)});
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  claim.require(
      fit.relative_error <= asked.allowed,
      fmt::format("N = R = {}, {}, seed {}: error {:.4f} in {:.2f} s ({} of {} weights "
                  "negative), required at most {}",
                  asked.sites, name, seed, fit.relative_error, seconds,
                  (fit.factors.lambda.array() < 0.0).count(), asked.sites, asked.allowed));
  if (asked.sites != 40 || claim.smoke()) return;
  claim.require(fit.relative_error < aim_at_40,
                fmt::format("N = 40, {}, seed {}: error {:.4f}, aim below {}", name, seed,
                            fit.relative_error, aim_at_40));
  claim.require(seconds < allowed_seconds_at_40,
                fmt::format("N = 40, {}, seed {}: {:.2f} s, required below {}", name, seed, seconds,
                            allowed_seconds_at_40));
}

}  // namespace

int main(int argc, char** argv) {
  Claim claim(argc, argv);
  const int seeds = claim.smoke() ? 1 : 5;
  for (const Case& asked : cases) {
    if (claim.smoke() && asked.sites > 30) continue;
    const Experiment experiment =
        read_experiment(claim.experiment(),
                        {fmt::format("lattice.shape=[{}]", asked.sites),
                         fmt::format("class.0.input.correlation_length={}", 0.08 * asked.sites)});
    const CumulantTable table(fourth_cumulant(experiment.task[0].input));
    for (int seed = 1; seed <= seeds; ++seed) {
      check_form(claim, {"dense", seed}, SymmetricTensor(table), table, asked);
      check_form(claim, {"Fourier", seed}, LatticeForm(BandLimitedCumulant(table, 1e-9)), table,
                 asked);
    }
  }
  claim.run_popflow("decompose \"" + claim.experiment() + "\" -o factors.nc");
  claim.run_popflow("plot factors.nc -o symmetric-cp.svg --quiet");
  return claim.status();
}
