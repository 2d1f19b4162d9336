// Tiled CP: error of the whole tensor by rank, from several seeds, and what it does to the quartic
// flow that uses the tiled form in place of the exact cumulant.

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/experiment/read.hpp"
#include "popflow/flow/quartic_flow.hpp"
#include "popflow/measure/alignment.hpp"
#include "popflow/moments/band_limited_cumulant.hpp"
#include "popflow/tensor/exact_cumulant.hpp"
#include "popflow/tensor/tiled_cp.hpp"

#include "claim.hpp"

namespace {

using namespace popflow;

// Largest relative error allowed by rank, as the issue sets it (theory.md, section 5); and its aim.
const std::vector<std::map<int, double>> allowed{
    {{1, 0.10}, {2, 0.07}, {3, 0.033}, {4, 0.01}, {8, 0.007}}, {{1, 0.086}, {4, 0.055}}};
constexpr double allowed_seconds = 10.0;
constexpr double allowed_flow_error = 0.03;

std::vector<TiledCpFit> fits(const CumulantTable& table, int rank, int seed) {
  return tiled_cp(BandLimitedCumulant(table, 1e-9), table.squared_norm(),
                  {.rank = rank, .seed = static_cast<std::uint64_t>(seed)});
}

void check_class(Claim& claim, std::size_t c, const CumulantTable& table, int rank, int seed) {
  const auto start = std::chrono::steady_clock::now();
  const std::vector<TiledCpFit> found = fits(table, rank, seed);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::string row = fmt::format("class {}, seed {}, {:5.1f} s:", c, seed, seconds);
  for (const TiledCpFit& fit : found) row += fmt::format(" {:.3f} %", 100.0 * fit.relative_error);
  fmt::print("{}\n", row);
  for (const auto& [r, bound] : allowed[c])
    if (r <= rank)
      claim.require(
          found[static_cast<std::size_t>(r) - 1].relative_error <= bound,
          fmt::format("class {}, seed {}, R = {}: error {:.5f}, required at most {}", c, seed, r,
                      found[static_cast<std::size_t>(r) - 1].relative_error, bound));
  for (std::size_t r = 1; r < found.size(); ++r)
    if (found[r].relative_error > found[r - 1].relative_error)
      claim.require(false, fmt::format("class {}, seed {}: error rises at R = {}", c, seed, r + 1));
  // The time of all ranks together; other tests share the machine at smoke size.
  if (!claim.smoke())
    claim.require(seconds < allowed_seconds,
                  fmt::format("class {}, seed {}: ranks 1 to {} in {:.1f} s, required below {}", c,
                              seed, rank, seconds, allowed_seconds));
}

Field end_of_flow(const Experiment& experiment, std::vector<CumulantOperator> cumulants) {
  const QuarticFlow flow(experiment.task, single_neuron(experiment), experiment.network.loss,
                         std::move(cumulants));
  const auto run =
      integrate(flow, flow.state(initial_weights(experiment)), {0.0, flow_spec(experiment).t_end});
  return flow.weights(run.last).row(0).transpose();
}

void check_flow(Claim& claim, const Experiment& experiment,
                const std::vector<CumulantTable>& tables, int rank) {
  const Field exact = end_of_flow(experiment, {exact_cumulant(experiment.task[0].input),
                                               exact_cumulant(experiment.task[1].input)});
  const std::vector<TiledCpFit> first = fits(tables[0], rank, 1), second = fits(tables[1], rank, 1);
  FourierTransform fourier(experiment.torus());
  fmt::print(
      "Receptive field at tau = {} with the tiled operator, against the exact one\n"
      "{:>4} {:>12} {:>12} {:>14} {:>14}\n",
      flow_spec(experiment).t_end, "R", "xi = 8", "xi = 1", "RF error", "up to shift");
  for (std::size_t r = 0; r < first.size(); ++r) {
    const Field u = end_of_flow(
        experiment, {TiledCumulant(first[r].factors), TiledCumulant(second[r].factors)});
    const double error = relative_error(u, exact),
                 aligned_error = align(fourier, u, exact).relative_error;
    fmt::print("{:>4} {:>12.5f} {:>12.5f} {:>14.5f} {:>14.5f}\n", r + 1, first[r].relative_error,
               second[r].relative_error, error, aligned_error);
    if (r + 1 >= 4)
      claim.require(
          error <= allowed_flow_error,
          fmt::format("flow with R = {}: receptive field off by {:.5f}, required at most {}", r + 1,
                      error, allowed_flow_error));
  }
}

}  // namespace

int main(int argc, char** argv) {
  Claim claim(argc, argv);
  const Experiment experiment = read_experiment(claim.experiment());
  std::vector<CumulantTable> tables;
  for (const TaskClass& c : experiment.task) tables.emplace_back(fourth_cumulant(c.input));
  const int seeds = claim.smoke() ? 1 : 5, rank = claim.smoke() ? 4 : 8;
  for (std::size_t c = 0; c < tables.size(); ++c)
    for (int seed = 1; seed <= seeds; ++seed) check_class(claim, c, tables[c], rank, seed);
  check_flow(claim, experiment, tables, rank);
  const std::string reduced = claim.smoke() ? " --set decompose.rank=4 --set flow.rank=4" : "";
  claim.run_popflow("decompose \"" + claim.experiment() + "\"" + reduced +
                    " --quiet -o factors.nc");
  claim.run_popflow("plot factors.nc -o tiled-cumulant.svg --quiet");
  claim.run_popflow("flow \"" + claim.experiment() + "\"" + reduced + " --quiet -o flow.nc");
  claim.run_popflow("compare flow.nc factors.nc");
  return claim.status();
}
