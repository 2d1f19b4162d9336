// The phase diagram of the simple model over gain and bias: where the quartic flow ends localised,
// with the linear threshold in closed form, and SGD on the same loss at a coarse set of points.

#include <chrono>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "popflow/experiment/sweep_results.hpp"

#include "claim.hpp"

namespace {

using namespace popflow;

constexpr double longest_seconds = 300.0;

// A Gaussian vector has an inverse participation ratio of 3/N = 0.03, a localised field of the
// simple model more than 0.05. Flows that end between these bounds are near a transition, as are
// those that have grown little or decayed little by the end: growth rate times t_end below `slow`.
constexpr double localised = 0.045, band_low = 0.03, band_high = 0.06, slow = 6.0, t_end = 200.0;

struct Grid {
  int gains, biases;
};

void write_sweep_file(const Claim& claim, const std::string& name, const std::string& run,
                      const Grid& grid, double first_bias, double last_bias) {
  std::ofstream file(name + ".toml");
  file << fmt::format(
      "experiment = \"{}\"\nrun = \"{}\"\nweights = true\n"
      "[[axis]]\nname = \"gain\"\nkey = [\"class.0.input.gain\", \"class.1.input.gain\"]\n"
      "from = 0.3\nto = 10\ncount = {}\nspacing = \"logarithmic\"\n"
      "[[axis]]\nname = \"bias\"\nkey = \"network.bias\"\nfrom = {}\nto = {}\ncount = {}\n",
      claim.experiment(), run, grid.gains, first_bias, last_bias, grid.biases);
}

SweepMap swept(Claim& claim, const std::string& name, double& seconds) {
  const auto start = std::chrono::steady_clock::now();
  claim.run_popflow("sweep " + name + ".toml --quiet -o " + name + ".nc");
  seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return read_sweep_map(name + ".nc");
}

double nearest(const SweepMap& map, const std::vector<double>& values, double gain, double bias) {
  const auto index = [](const std::vector<double>& axis, double x) {
    std::size_t best = 0;
    for (std::size_t n = 0; n < axis.size(); ++n)
      if (std::abs(axis[n] - x) < std::abs(axis[best] - x)) best = n;
    return best;
  };
  return values[index(map.axes[0].numbers, gain) * map.axes[1].size() +
                index(map.axes[1].numbers, bias)];
}

// The linear threshold is where the fastest mode neither grows nor decays: weights that decay end
// as small as they should, which the growth rate itself says.
void check_threshold(Claim& claim, const SweepMap& flow) {
  std::size_t growing = 0, localised_below = 0, localised_above = 0;
  for (std::size_t n = 0; n < flow.growth_rate.size(); ++n) {
    const bool grows = flow.growth_rate[n] > 0.0, found = flow.largest_ipr[n] > localised;
    growing += grows ? 1 : 0;
    (grows ? localised_above : localised_below) += found ? 1 : 0;
  }
  const std::size_t all = flow.growth_rate.size();
  claim.require(growing > 0 && growing < all && localised_above > 0,
                fmt::format("{} of {} points grow, {} of these end localised", growing, all,
                            localised_above));
  claim.require(localised_below == 0,
                fmt::format("{} points below the linear threshold end localised, required none",
                            localised_below));
}

void check_agreement(Claim& claim, const SweepMap& flow, const SweepMap& sgd) {
  std::size_t compared = 0, agree = 0;
  for (std::size_t i = 0; i < sgd.axes[0].size(); ++i)
    for (std::size_t j = 0; j < sgd.axes[1].size(); ++j) {
      const double gain = sgd.axes[0].numbers[i], bias = sgd.axes[1].numbers[j];
      const double theory = nearest(flow, flow.largest_ipr, gain, bias);
      const double rate = nearest(flow, flow.growth_rate, gain, bias);
      const double found = sgd.largest_ipr[i * sgd.axes[1].size() + j];
      const bool in_band =
          (theory > band_low && theory < band_high) || std::abs(rate) * t_end < slow;
      fmt::print("gain {:6.3f}, bias {:6.3f}: growth rate {:8.4f}, IPR flow {:.4f}, SGD {:.4f}{}\n",
                 gain, bias, rate, theory, found, in_band ? "  (in the band)" : "");
      if (in_band) continue;
      ++compared;
      agree += (theory > localised) == (found > localised) ? 1 : 0;
    }
  claim.require(compared > 0 && agree == compared,
                fmt::format("SGD and flow agree on localised or not at {} of {} points outside the "
                            "band, required all",
                            agree, compared));
}

}  // namespace

int main(int argc, char** argv) {
  Claim claim(argc, argv);
  const bool smoke = claim.smoke();
  write_sweep_file(claim, "flow", "flow", smoke ? Grid{5, 9} : Grid{40, 41}, -2.0, 0.0);
  write_sweep_file(claim, "sgd", "sgd", smoke ? Grid{2, 3} : Grid{4, 6}, -2.0, 0.0);
  double flow_seconds = 0.0, sgd_seconds = 0.0;
  const SweepMap flow = swept(claim, "flow", flow_seconds);
  claim.require(flow_seconds < longest_seconds,
                fmt::format("{} points of the flow in {:.0f} s, required below {:.0f}",
                            flow.growth_rate.size(), flow_seconds, longest_seconds));
  const SweepMap sgd = swept(claim, "sgd", sgd_seconds);
  fmt::print("SGD: {} points in {:.0f} s\n", sgd.largest_ipr.size(), sgd_seconds);
  check_threshold(claim, flow);
  check_agreement(claim, flow, sgd);
  claim.run_popflow("plot flow.nc sgd.nc -o phase-diagram.svg --quiet");
  return claim.status();
}
