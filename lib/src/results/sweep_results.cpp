#include "popflow/results/sweep_results.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "popflow/dynamics/fixed_point.hpp"
#include "popflow/dynamics/stop_reason.hpp"
#include "popflow/experiment/sweep.hpp"
#include "popflow/results/results.hpp"

#include "results/netcdf_writing.hpp"
#include "results/results_file.hpp"

namespace popflow {

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

void put_axis(netCDF::NcGroup& file, const netCDF::NcDim& dimension, const SweepAxis& axis) {
  const std::string what = fmt::format("{}", fmt::join(axis.keys, ", "));
  if (axis.numbers.empty()) {
    put_strings(file, axis.name, {dimension}, what, axis.size(),
                [&axis](std::size_t n) { return axis.values[n]; });
  } else {
    add_variable(file, axis.name, {dimension}, what).putVar(axis.numbers.data());
  }
  file.getVar(axis.name).putAtt("keys", what);
}

Dimensions put_points(netCDF::NcGroup& file, const Sweep& sweep) {
  Dimensions dimensions;
  for (const SweepAxis& axis : sweep.axes) {
    dimensions.push_back(file.addDim(axis.name, axis.size()));
    put_axis(file, dimensions.back(), axis);
  }
  if (!sweep.axes.empty()) return dimensions;
  dimensions.push_back(file.addDim("point", sweep.list.size()));
  put_strings(
      file, "overrides", dimensions, "KEY=VALUE, one a line", sweep.list.size(),
      [&sweep](std::size_t n) { return fmt::format("{}", fmt::join(sweep.list[n], "\n")); });
  return dimensions;
}

// One value a point.
template <class ValueOf>
std::vector<double> gathered(const std::vector<SweepPoint>& points, const ValueOf& value_of) {
  std::vector<double> values;
  values.reserve(points.size());
  for (const SweepPoint& point : points) values.push_back(value_of(point));
  return values;
}

// `size` values for each point; missing values are NaN.
template <class ValuesOf>
std::vector<double> padded(const std::vector<SweepPoint>& points, std::size_t size,
                           const ValuesOf& values_of) {
  std::vector<double> values(points.size() * size, none);
  for (std::size_t n = 0; n < points.size(); ++n) {
    const std::vector<double> own = values_of(points[n]);
    std::copy(own.begin(), own.end(), values.begin() + static_cast<std::ptrdiff_t>(n * size));
  }
  return values;
}

// The lattice of all points that have weights, or none where they differ.
std::vector<int> common_shape(const std::vector<SweepPoint>& points) {
  std::vector<int> common;
  for (const SweepPoint& point : points) {
    if (point.weights.empty()) continue;
    if (common.empty()) common = point.shape;
    if (common != point.shape) return {};
  }
  return common;
}

// K x N of a point into rows of another length.
std::vector<double> widened(const SweepPoint& point, std::size_t sites) {
  const std::size_t own = point.weights.size() / std::max<std::size_t>(1, point.ipr.size());
  if (own == sites) return point.weights;
  std::vector<double> values(point.ipr.size() * sites, none);
  for (std::size_t k = 0; k < point.ipr.size(); ++k)
    std::copy_n(point.weights.begin() + static_cast<std::ptrdiff_t>(k * own), own,
                values.begin() + static_cast<std::ptrdiff_t>(k * sites));
  return values;
}

void put_weights(netCDF::NcGroup& file, Dimensions dimensions, std::size_t neurons,
                 const std::vector<SweepPoint>& points) {
  const std::vector<int> shape = common_shape(points);
  std::size_t sites = 0;
  for (const SweepPoint& point : points)
    if (!point.ipr.empty()) sites = std::max(sites, point.weights.size() / point.ipr.size());
  if (sites == 0) return;
  if (shape.size() == 2) {
    for (const netCDF::NcDim& dimension : add_lattice(file, Torus({shape[0], shape[1]})))
      dimensions.push_back(dimension);
  } else {
    dimensions.push_back(file.addDim("site", sites));
  }
  std::vector<double> all;
  for (const SweepPoint& point : points) {
    std::vector<double> own = widened(point, sites);
    own.resize(neurons * sites, none);
    all.insert(all.end(), own.begin(), own.end());
  }
  put_numbers(file, "weights", dimensions, "first-layer weights u at the end", std::move(all));
}

void put_fixed_points(netCDF::NcGroup& file, Dimensions dimensions,
                      const std::vector<SweepPoint>& points) {
  const std::vector<FixedPointQuantity>& quantities = fixed_point_quantities();
  for (std::size_t q = 0; q < quantities.size(); ++q)
    put_numbers(file, quantities[q].name, dimensions, quantities[q].description,
                gathered(points, [q](const SweepPoint& p) {
                  return q < p.fixed_point.size() ? p.fixed_point[q] : none;
                }));
  std::size_t directions = 0;
  for (const SweepPoint& point : points) directions = std::max(directions, point.spectrum.size());
  if (directions == 0) return;
  dimensions.push_back(file.addDim("direction", directions));
  put_numbers(file, "spectrum", dimensions, "growth rates of all perturbations of the fixed point",
              padded(points, directions, [](const SweepPoint& p) { return p.spectrum; }));
}

void put_results(netCDF::NcGroup& file, Dimensions dimensions,
                 const std::vector<SweepPoint>& points, bool weights) {
  const std::size_t count = points.size();
  put_strings(file, "stop_reason", dimensions,
              "how the point ended: reached_end, stationary, converged or done, or else it failed",
              count, [&points](std::size_t n) { return points[n].stop_reason; });
  put_strings(file, "failure", dimensions, "why the point failed", count,
              [&points](std::size_t n) { return points[n].failure; });
  put_numbers(file, "tau", dimensions, "flow time at the end",
              gathered(points, [](const SweepPoint& p) { return p.tau; }));
  put_numbers(file, "growth_rate", dimensions, "largest growth rate at the origin",
              gathered(points, [](const SweepPoint& p) { return p.growth_rate; }));
  const std::vector<double> neglected =
      gathered(points, [](const SweepPoint& p) { return p.neglected_terms; });
  if (!std::all_of(neglected.begin(), neglected.end(), [](double n) { return std::isnan(n); }))
    put_numbers(file, neglected_terms_name, dimensions,
                "terms that the expansion neglects at the end, relative to those that it keeps",
                neglected);
  std::size_t neurons = 0;
  for (const SweepPoint& point : points) neurons = std::max(neurons, point.ipr.size());
  if (neurons == 0) return;
  dimensions.push_back(file.addDim("neuron", neurons));
  put_numbers(file, "norm", dimensions, "norm of the weights at the end",
              padded(points, neurons, [](const SweepPoint& p) { return p.norm; }));
  put_numbers(file, "ipr", dimensions, "inverse participation ratio at the end",
              padded(points, neurons, [](const SweepPoint& p) { return p.ipr; }));
  if (weights) put_weights(file, dimensions, neurons, points);
}

// Or an axis could take the name of what this file writes.
void check_names(const netCDF::NcGroup& file, const Sweep& sweep) {
  const std::vector<std::string_view>& known = sweep_result_names();
  const auto check = [&](const std::string& name) {
    const auto named = [&name](const SweepAxis& axis) { return axis.name == name; };
    if (std::none_of(sweep.axes.begin(), sweep.axes.end(), named) &&
        std::find(known.begin(), known.end(), name) == known.end())
      throw std::logic_error("sweep_result_names() must have " + name);
  };
  for (const auto& [name, variable] : file.getVars()) check(name);
  for (const auto& [name, dimension] : file.getDims()) check(name);
}

std::string run_name(SweepRun run) {
  switch (run) {
    case SweepRun::stability:
      return "stability";
    case SweepRun::flow:
      return "flow";
    case SweepRun::sgd:
      return "sgd";
    case SweepRun::fixed_point:
      return "fixed-point";
  }
  throw std::invalid_argument("sweep: not one of its runs");
}

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

bool succeeded(std::string_view stop_reason) {
  return stop_reason == "done" || stop_reason == name(StopReason::reached_end) ||
         stop_reason == name(StopReason::stationary) || stop_reason == name(SolveReason::converged);
}

void write_sweep(const std::string& path, const Sweep& sweep, const std::vector<SweepPoint>& points,
                 const Provenance& provenance) {
  write_netcdf(path, [&](netCDF::NcGroup& file) {
    file.putAtt("kind", sweep_kind);
    file.putAtt("run", run_name(sweep.run));
    file.putAtt("sweep", sweep.text);
    file.putAtt("experiment", sweep.experiment.text);
    put_files(
        file,
        {sweep.experiment.file, sweep.experiment.folder, sweep.experiment.known_data.value_or("")},
        path);
    put_provenance(file, provenance);
    const Dimensions dimensions = put_points(file, sweep);
    put_results(file, dimensions, points, sweep.weights);
    if (sweep.run == SweepRun::fixed_point) put_fixed_points(file, dimensions, points);
    check_names(file, sweep);
  });
}

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
