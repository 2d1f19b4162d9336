#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/core.h>

#include "popflow/experiment/results.hpp"
#include "popflow/experiment/sweep_results.hpp"

#include "experiment/results_file.hpp"

namespace popflow {

namespace {

// The axes' names are the dimensions of tau.
SweepMap map_in(const ResultsFile& file) {
  file.require_kind({sweep_kind});
  SweepMap map;
  map.run = file.text("run");
  const std::vector<std::string> names = file.dimensions_of("tau");
  if (names == std::vector<std::string>{"point"})
    file.refuse("it holds a list of experiments, which has no map");
  std::size_t points = 1;
  for (const std::string& name : names) {
    SweepAxis axis{name, {}, {}, {}};
    if (file.holds_numbers(name)) {
      axis.numbers = file.values(name, {name});
      for (const double number : axis.numbers) axis.values.push_back(fmt::format("{}", number));
    } else {
      axis.values = file.strings(name, {name});
    }
    points *= axis.size();
    map.axes.push_back(std::move(axis));
  }
  map.growth_rate = file.values("growth_rate", names);
  for (const std::string& reason : file.strings("stop_reason", names))
    map.failed.push_back(!succeeded(reason));
  map.largest_ipr.assign(points, std::numeric_limits<double>::quiet_NaN());
  if (!file.has_variable("ipr")) return map;
  std::vector<std::string> per_neuron = names;
  per_neuron.emplace_back("neuron");
  const std::vector<double> ipr = file.values("ipr", per_neuron);
  const std::size_t neurons = file.dimension("neuron");
  for (std::size_t n = 0; n < points; ++n)
    for (std::size_t k = 0; k < neurons && !map.failed[n]; ++k)
      map.largest_ipr[n] = std::fmax(map.largest_ipr[n], ipr[n * neurons + k]);
  return map;
}

}  // namespace

SweepMap read_sweep_map(const std::string& path) {
  SweepMap map;
  read_results_file(path, [&](const ResultsFile& file) { map = map_in(file); });
  return map;
}

bool holds_sweep(const std::string& path) {
  bool holds = false;
  read_results_file(path,
                    [&](const ResultsFile& file) { holds = file.text("kind") == sweep_kind; });
  return holds;
}

}  // namespace popflow
