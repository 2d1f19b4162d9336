#include "popflow/experiment/sweep.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "popflow/experiment/experiment_flow.hpp"
#include "popflow/experiment/read.hpp"

#include "experiment/data_files.hpp"
#include "experiment/section.hpp"
#include "experiment/toml.hpp"

namespace popflow {

namespace {

constexpr std::size_t most_points = 10'000'000;

const char* const allowed_values = "must be a list of numbers or strings, at least one, none twice";

// NetCDF takes 256, and a figure fewer.
constexpr std::size_t longest_name = 64;

// Names that begin with _ are NetCDF's own.
bool is_name(const std::string& text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && text.size() <= longest_name &&
         std::all_of(text.begin(), text.end(), fits) &&
         !(text.front() >= '0' && text.front() <= '9') && text.front() != '_';
}

void check_name(const Section& section) {
  constexpr const char* allowed =
      "must be of letters, digits and _, at most {}, the first a letter";
  const std::vector<std::string> names = section.texts("name", fmt::format(allowed, longest_name));
  if (section.has_list("name") || !is_name(names.front()))
    throw section.error("name", fmt::format(allowed, longest_name));
  const std::vector<std::string_view>& taken = sweep_result_names();
  if (std::find(taken.begin(), taken.end(), names.front()) != taken.end())
    throw section.error("name", fmt::format("must not be a name of the results, which are {}",
                                            fmt::join(taken, ", ")));
}

// Whether two keys are the same or one is a section that holds the other: "flow" and "flow.kind".
bool overlap(const std::string& a, const std::string& b) {
  const std::string& longer = a.size() > b.size() ? a : b;
  const std::string& shorter = a.size() > b.size() ? b : a;
  return longer.starts_with(shorter) &&
         (longer.size() == shorter.size() || longer[shorter.size()] == '.');
}

// Says which of the keys says what another has said already; nothing where none does.
std::optional<std::string> conflict(const std::vector<std::string>& keys) {
  for (std::size_t n = 0; n < keys.size(); ++n)
    for (std::size_t before = 0; before < n; ++before) {
      if (keys[n] == keys[before]) return fmt::format("{} is set twice", keys[n]);
      if (overlap(keys[n], keys[before]))
        return fmt::format("{} and {} set one another", keys[before], keys[n]);
    }
  return {};
}

std::vector<std::string> keys_of(const std::vector<std::string>& assignments) {
  std::vector<std::string> keys;
  keys.reserve(assignments.size());
  for (const std::string& assignment : assignments)
    keys.push_back(assignment.substr(0, assignment.find('=')));
  return keys;
}

// Reads `set`. No key may occur twice in it, or also in what all points set.
std::vector<std::string> assignments(const Section& section, std::vector<std::string> of_all) {
  std::vector<std::string> own = section.texts("set", "must be a list of \"KEY=VALUE\"");
  of_all.insert(of_all.end(), own.begin(), own.end());
  if (const auto twice = conflict(keys_of(of_all)))
    throw section.error("set", fmt::format("must set every key once: {}", *twice));
  return own;
}

// Between the ends in equal steps, or equal ratios.
std::vector<std::string> range_values(const Section& section) {
  const double from = section.number("from", finite), to = section.number("to", finite);
  const std::int64_t count = section.integer("count", {2, 100'000});
  const bool logarithmic =
      section.word("spacing", {"linear", "logarithmic"}, "linear") == "logarithmic";
  if (from == to) throw section.error("to", "must differ from `from`");
  if (logarithmic && !(from > 0.0 && to > 0.0))
    throw section.error("from", "must be above 0, as must `to`, for logarithmic spacing");
  std::vector<std::string> values;
  for (std::int64_t n = 0; n < count; ++n) {
    const double share = static_cast<double>(n) / static_cast<double>(count - 1);
    double value = logarithmic ? from * std::pow(to / from, share) : from + (to - from) * share;
    if (n + 1 == count) value = to;
    values.push_back(fmt::format("{}", value));
  }
  return values;
}

std::vector<double> as_numbers(const std::vector<std::string>& values) {
  std::vector<double> numbers;
  for (const std::string& value : values) {
    double number = 0.0;
    const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (failure != std::errc{} || end != value.data() + value.size()) return {};
    numbers.push_back(number);
  }
  return numbers;
}

SweepAxis read_axis(const Section& section) {
  section.allow({"name", "key", "values", "from", "to", "count", "spacing"});
  check_name(section);
  SweepAxis axis{section.text("name", "must be a name"),
                 section.texts("key", "must be a key of the experiment, or a list of keys"),
                 {},
                 {}};
  if (axis.keys.empty()) throw section.error("key", "must name a key");
  if (section.has("values")) {
    for (const char* key : {"from", "to", "count", "spacing"})
      if (section.has(key)) throw section.error(key, "allowed only without `values`");
    axis.values = section.assigned("values", allowed_values);
  } else {
    axis.values = range_values(section);
  }
  const std::set<std::string> distinct(axis.values.begin(), axis.values.end());
  if (axis.values.empty() || distinct.size() != axis.values.size())
    throw section.error("values", allowed_values);
  axis.numbers = as_numbers(axis.values);
  return axis;
}

void read_points(const Section& root, Sweep& sweep) {
  if (root.has("axis") == root.has("point"))
    throw root.error("axis", "must be given as [[axis]] sections, or else [[point]] sections");
  if (root.has("point")) {
    for (const Section& section : root.sections("point")) {
      section.allow({"set"});
      sweep.list.push_back(assignments(section, sweep.set));
    }
    return;
  }
  double points = 1.0;
  std::set<std::string> names;
  std::vector<std::string> keys = keys_of(sweep.set);
  for (const Section& section : root.sections("axis")) {
    sweep.axes.push_back(read_axis(section));
    points *= static_cast<double>(sweep.axes.back().size());
    if (!names.insert(sweep.axes.back().name).second)
      throw section.error("name", "must differ from the other axes' names");
    const std::vector<std::string>& own = sweep.axes.back().keys;
    keys.insert(keys.end(), own.begin(), own.end());
    if (const auto twice = conflict(keys))
      throw section.error("key", fmt::format("must not be set elsewhere in this file: {}", *twice));
  }
  if (points > static_cast<double>(most_points))
    throw root.error("axis", fmt::format("must have {} points together at most", most_points));
}

bool is_of_inputs(const SweepAxis& axis) {
  return std::any_of(axis.keys.begin(), axis.keys.end(),
                     [](const std::string& key) { return key.starts_with("class"); });
}

// Points that together set every value of every axis of the inputs; of a list, all.
std::set<std::size_t> points_of_every_input(const Sweep& sweep) {
  std::set<std::size_t> points{0};
  for (std::size_t n = 0; n < sweep.list.size(); ++n) points.insert(n);
  std::size_t stride = sweep.points();
  for (const SweepAxis& axis : sweep.axes) {
    stride /= axis.size();
    for (std::size_t n = 0; is_of_inputs(axis) && n < axis.size(); ++n) points.insert(n * stride);
  }
  return points;
}

// The data files of all points: each is named by the experiment, or by a value of one axis.
std::set<std::string> all_data_file_names(const Sweep& sweep) {
  const Value document = parse_document(sweep.experiment.file, sweep.experiment.text);
  std::set<std::string> names;
  for (const std::size_t n : points_of_every_input(sweep)) {
    Value point = document;
    try {
      for (const std::string& assignment : sweep.overrides(n))
        apply_override(point, sweep.experiment.file, assignment);
      names.merge(data_file_names(point));
    } catch (const InvalidExperiment&) {
      // The point will fail, and reads nothing.
    }
  }
  return names;
}

}  // namespace

std::vector<std::size_t> Sweep::shape() const {
  if (axes.empty()) return {list.size()};
  std::vector<std::size_t> shape;
  for (const SweepAxis& axis : axes) shape.push_back(axis.size());
  return shape;
}

std::size_t Sweep::points() const {
  std::size_t points = 1;
  for (const std::size_t extent : shape()) points *= extent;
  return points;
}

std::vector<std::string> Sweep::overrides(std::size_t point) const {
  std::vector<std::string> result;
  if (axes.empty()) result = list.at(point);
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
    const std::string& value = axis->values[point % axis->size()];
    point /= axis->size();
    for (auto key = axis->keys.rbegin(); key != axis->keys.rend(); ++key)
      result.insert(result.begin(), fmt::format("{}={}", *key, value));
  }
  result.insert(result.begin(), set.begin(), set.end());
  return result;
}

std::string Sweep::described(std::size_t point) const {
  if (axes.empty()) return fmt::format("{}", fmt::join(list.at(point), ", "));
  std::string result;
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
    result = fmt::format("{} = {}{}{}", axis->name, axis->values[point % axis->size()],
                         result.empty() ? "" : ", ", result);
    point /= axis->size();
  }
  return result;
}

Sweep read_sweep(const std::string& file, const std::function<bool()>& interrupted) {
  const std::string text = read_text(file);
  const Value document = parse_document(file, text);
  const Section root(document, "");
  if (root.has("lattice") && !root.has("experiment"))
    throw root.error(
        "lattice", "this is an experiment: must be a sweep, which names it: experiment = \"FILE\"");
  const std::string experiment = root.text("experiment", "must be a path");
  return read_sweep(file, text,
                    source_of((std::filesystem::path(file).parent_path() / experiment).string()),
                    interrupted);
}

Sweep read_sweep(const std::string& file, const std::string& text, ExperimentSource experiment,
                 const std::function<bool()>& interrupted) {
  Sweep sweep;
  sweep.file = file;
  sweep.text = text;
  sweep.experiment = std::move(experiment);
  const Value document = parse_document(file, text);
  const Section root(document, "");
  root.allow({"experiment", "run", "weights", "set", "axis", "point"});
  const std::string run = root.word("run", {"stability", "flow", "sgd", "fixed-point"}, "flow");
  sweep.run = run == "stability" ? SweepRun::stability
              : run == "flow"    ? SweepRun::flow
              : run == "sgd"     ? SweepRun::sgd
                                 : SweepRun::fixed_point;
  sweep.weights = root.flag("weights", false);
  if (root.has("set")) sweep.set = assignments(root, {});
  read_points(root, sweep);
  sweep.experiment.known_data = checked_data(all_data_file_names(sweep), sweep.experiment);

  // A mistake that every point has is bad input, and is reported before any point is computed.
  const Experiment first = read_experiment(sweep.experiment, sweep.overrides(0), interrupted);
  if (sweep.run == SweepRun::flow) flow_spec(first);
  if (sweep.run == SweepRun::sgd) sgd_spec(first);
  if (sweep.run == SweepRun::fixed_point) check_fixed_point(first);
  if (sweep.run == SweepRun::stability) single_neuron(first);
  return sweep;
}

std::vector<std::string> files_read(const Sweep& sweep) {
  std::vector<std::string> files =
      data_paths(sweep.experiment.known_data.value_or(""), sweep.experiment.folder);
  files.insert(files.end(), {sweep.file, path_of(sweep.experiment)});
  return files;
}

const std::vector<FixedPointQuantity>& fixed_point_quantities() {
  static const std::vector<FixedPointQuantity> quantities{
      {"residual", "|du/dtau| of the state found, across its translations"},
      {"translation_residual", "|du/dtau| of the state found, along its translations"},
      {"drift", "speed at which the state moves over the lattice, in sites per unit of tau"},
      {"translation_rate", "largest growth rate of a translation"},
      {"slowest_rate", "largest growth rate of a perturbation that is no translation"},
      {"unstable", "number of perturbations that grow"},
      {"steps", "steps of the search"}};
  return quantities;
}

const std::vector<std::string_view>& sweep_result_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all{"point", "overrides", "stop_reason", "failure",
                                      "tau",   "norm",      "growth_rate", "neglected_terms",
                                      "ipr",   "weights",   "neuron",      "site",
                                      "row",   "column",    "spectrum",    "direction"};
    for (const FixedPointQuantity& quantity : fixed_point_quantities())
      all.emplace_back(quantity.name);
    return all;
  }();
  return names;
}

}  // namespace popflow
