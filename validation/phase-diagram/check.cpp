// Phase diagrams of the simple model, over gain and bias, gain and the ratio of the correlation
// lengths, second layer and bias: where the quartic flow ends localised, with the linear threshold
// in closed form, and SGD on the same loss at a coarse set of points.

#include <chrono>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "popflow/results/sweep_results.hpp"

#include "claim.hpp"

namespace {

using namespace popflow;

constexpr double longest_seconds = 300.0;

// A Gaussian vector has an inverse participation ratio of 3/N = 0.03, a localised field of the
// simple model more than 0.05. Flows that end between these bounds are near a transition, as are
// those that have grown little or decayed little by the end: growth rate times t_end below `slow`.
constexpr double localised = 0.045, band_low = 0.03, band_high = 0.06, slow = 6.0, t_end = 200.0;

struct Axis {
  std::string name;
  std::vector<std::string> keys;
  double from, to;
  bool logarithmic;
  int flow, sgd;  // number of points of the sweep by flows, and by SGD
  int smoke_flow = 5, smoke_sgd = 2;
};

struct Diagram {
  std::string name;
  Axis rows, columns;
  bool threshold;  // whether the linear threshold crosses it: bias -1 is beyond it
};

// The lengths' ratio varies with that of the negative class kept at 1.
std::vector<Diagram> diagrams() {
  const Axis gain{"gain", {"class.0.input.gain", "class.1.input.gain"}, 0.3, 10.0, true, 40, 4};
  const Axis bias{"bias", {"network.bias"}, -2.0, 0.0, false, 41, 6, 9, 3};
  const Axis ratio{"ratio", {"class.0.input.correlation_length"}, 1.0, 16.0, true, 40, 4};
  const Axis second{"second_layer", {"network.second_layer"}, 0.2, 3.0, true, 40, 4};
  return {{"gain-bias", gain, bias, true},
          {"gain-ratio", gain, ratio, false},
          {"second-layer-bias", second, bias, true}};
}

void write_axis(std::ofstream& file, const Axis& axis, int count) {
  file << fmt::format(
      "[[axis]]\nname = \"{}\"\nkey = [\"{}\"]\nfrom = {}\nto = {}\ncount = {}\n"
      "spacing = \"{}\"\n",
      axis.name, fmt::join(axis.keys, "\", \""), axis.from, axis.to, count,
      axis.logarithmic ? "logarithmic" : "linear");
}

void write_sweep_file(const Claim& claim, const Diagram& diagram, const std::string& run) {
  std::ofstream file(diagram.name + "-" + run + ".toml");
  file << fmt::format("experiment = \"{}\"\nrun = \"{}\"\n", claim.experiment(), run);
  for (const Axis& axis : {diagram.rows, diagram.columns}) {
    const int full = run == "flow" ? axis.flow : axis.sgd,
              smoke = run == "flow" ? axis.smoke_flow : axis.smoke_sgd;
    write_axis(file, axis, claim.smoke() ? smoke : full);
  }
}

// Where the quartic flow diverges a point fails, and the sweep ends with status 1, as it does when
// it cannot write its results: then there is no map.
SweepMap swept(Claim& claim, const std::string& name, double& seconds) {
  const auto start = std::chrono::steady_clock::now();
  std::filesystem::remove(name + ".nc");
  claim.run_popflow("sweep " + name + ".toml --quiet -o " + name + ".nc || [ $? -eq 1 ]");
  seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return read_sweep_map(name + ".nc");
}

// The value at the map's point that is nearest to a row and a column.
double nearest(const SweepMap& map, const std::vector<double>& values, double row, double column) {
  const auto index = [](const std::vector<double>& axis, double x) {
    std::size_t best = 0;
    for (std::size_t n = 0; n < axis.size(); ++n)
      if (std::abs(axis[n] - x) < std::abs(axis[best] - x)) best = n;
    return best;
  };
  return values[index(map.axes[0].numbers, row) * map.axes[1].size() +
                index(map.axes[1].numbers, column)];
}

// The linear threshold is where the fastest mode neither grows nor decays: weights that decay end
// as small as they should, which the growth rate itself says.
void check_threshold(Claim& claim, const Diagram& diagram, const SweepMap& flow) {
  std::size_t growing = 0, localised_below = 0, localised_above = 0;
  for (std::size_t n = 0; n < flow.growth_rate.size(); ++n) {
    const bool grows = flow.growth_rate[n] > 0.0, found = flow.largest_ipr[n] > localised;
    growing += grows ? 1 : 0;
    (grows ? localised_above : localised_below) += found ? 1 : 0;
  }
  const std::size_t all = flow.growth_rate.size();
  claim.require(growing > 0 && (growing < all) == diagram.threshold && localised_above > 0,
                fmt::format("{}: {} of {} points grow, {} of these end localised", diagram.name,
                            growing, all, localised_above));
  claim.require(localised_below == 0,
                fmt::format("{}: {} points below the linear threshold end localised, required "
                            "none",
                            diagram.name, localised_below));
}

void check_agreement(Claim& claim, const Diagram& diagram, const SweepMap& flow,
                     const SweepMap& sgd) {
  std::size_t compared = 0, agree = 0, diverging = 0;
  for (std::size_t i = 0; i < sgd.axes[0].size(); ++i)
    for (std::size_t j = 0; j < sgd.axes[1].size(); ++j) {
      const double row = sgd.axes[0].numbers[i], column = sgd.axes[1].numbers[j];
      const double theory = nearest(flow, flow.largest_ipr, row, column);
      const double rate = nearest(flow, flow.growth_rate, row, column);
      const double found = sgd.largest_ipr[i * sgd.axes[1].size() + j];
      const bool in_band =
          (theory > band_low && theory < band_high) || std::abs(rate) * t_end < slow;
      fmt::print("{} {:6.3f}, {} {:6.3f}: growth rate {:8.4f}, IPR flow {:.4f}, SGD {:.4f}{}\n",
                 diagram.rows.name, row, diagram.columns.name, column, rate, theory, found,
                 in_band ? "  (in the band)" : "");
      diverging += std::isnan(theory) ? 1 : 0;
      if (in_band || std::isnan(theory)) continue;
      ++compared;  // also where SGD failed, which then disagrees
      agree += !std::isnan(found) && (theory > localised) == (found > localised) ? 1 : 0;
    }
  claim.require(compared > 0 && agree == compared,
                fmt::format("{}: SGD and flow agree on localised or not at {} of {} points outside "
                            "the band, required all; {} points where the flow diverges are left "
                            "out",
                            diagram.name, agree, compared, diverging));
}

void check(Claim& claim, const Diagram& diagram) {
  const std::string flow_name = diagram.name + "-flow", sgd_name = diagram.name + "-sgd";
  write_sweep_file(claim, diagram, "flow");
  write_sweep_file(claim, diagram, "sgd");
  double flow_seconds = 0.0, sgd_seconds = 0.0;
  const SweepMap flow = swept(claim, flow_name, flow_seconds);
  claim.require(flow_seconds < longest_seconds,
                fmt::format("{}: {} points of the flow in {:.0f} s, required below {:.0f}",
                            diagram.name, flow.growth_rate.size(), flow_seconds, longest_seconds));
  const SweepMap sgd = swept(claim, sgd_name, sgd_seconds);
  fmt::print("SGD: {} points in {:.0f} s\n", sgd.largest_ipr.size(), sgd_seconds);
  check_threshold(claim, diagram, flow);
  check_agreement(claim, diagram, flow, sgd);
  claim.run_popflow(
      fmt::format("plot {}.nc {}.nc -o {}.svg --quiet", flow_name, sgd_name, diagram.name));
}

}  // namespace

int main(int argc, char** argv) {
  Claim claim(argc, argv);
  for (const Diagram& diagram : diagrams()) check(claim, diagram);
  return claim.status();
}
