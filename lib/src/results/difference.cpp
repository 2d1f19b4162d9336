#include "popflow/results/difference.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>

#include "popflow/results/ladder.hpp"

#include "results/results_file.hpp"

namespace popflow {

namespace {

const std::set<std::string> volatile_attributes{"command_line", "date", "experiment_folder"};
const std::set<std::string> provenance_attributes{"popflow_version", "git_revision", "compiler",
                                                  "instruction_set"};

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

// 0 also where neither is finite but they are alike.
double distance(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0.0;
  const double size = std::abs(a - b);
  return std::isnan(size) ? std::numeric_limits<double>::infinity() : size;
}

void compare_numbers(const std::vector<double>& before, const std::vector<double>& now,
                     VariableDifference& result) {
  result.values = before.size();
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (std::isfinite(before[i]))
      result.magnitude = std::max(result.magnitude, std::abs(before[i]));
    if (same_bits(before[i], now[i])) continue;
    ++result.differing;
    result.largest = std::max(result.largest, distance(before[i], now[i]));
  }
}

void compare_strings(const std::vector<std::string>& before, const std::vector<std::string>& now,
                     VariableDifference& result) {
  result.values = before.size();
  for (std::size_t i = 0; i < before.size(); ++i) result.differing += before[i] != now[i];
}

bool holds_strings(const ResultsFile& file, const std::string& name) {
  return file.type_of(name) == netCDF::ncString.getName();
}

std::string form_of(const ResultsFile& before, const ResultsFile& now, const std::string& name) {
  if (!now.has_variable(name)) return "is only in the first file";
  if (!before.has_variable(name)) return "is only in the second file";
  if (before.shape_of(name) != now.shape_of(name)) return "has other dimensions";
  if (before.type_of(name) != now.type_of(name)) return "has another type";
  return "";
}

VariableDifference compare(const ResultsFile& before, const ResultsFile& now,
                           const std::string& name) {
  VariableDifference result{name, form_of(before, now, name)};
  if (!result.form.empty()) return result;
  const std::vector<std::string> dimensions = before.dimensions_of(name);
  if (holds_strings(before, name))
    compare_strings(before.strings(name, dimensions), now.strings(name, dimensions), result);
  else
    compare_numbers(before.values(name, dimensions), now.values(name, dimensions), result);
  return result;
}

std::set<std::string> united(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::set<std::string> all(a.begin(), a.end());
  all.insert(b.begin(), b.end());
  return all;
}

// How long a ladder's rows took is not how far they came.
bool is_time_taken(const ResultsFile& before, const ResultsFile& now, const std::string& name) {
  return name == "seconds" && before.attribute_text("kind") == ladder_kind &&
         now.attribute_text("kind") == ladder_kind;
}

ResultsDifference compare(const ResultsFile& before, const ResultsFile& now) {
  ResultsDifference result;
  for (const std::string& name : united(before.variables(), now.variables())) {
    if (is_time_taken(before, now, name)) continue;
    ++result.compared;
    const VariableDifference variable = compare(before, now, name);
    if (!variable.form.empty() || variable.differing > 0) result.variables.push_back(variable);
  }
  for (const std::string& name : united(before.attributes(), now.attributes())) {
    const AttributeDifference attribute{name, before.attribute_text(name),
                                        now.attribute_text(name)};
    if (attribute.before == attribute.now || volatile_attributes.count(name) > 0) continue;
    (provenance_attributes.count(name) > 0 ? result.provenance : result.outcome)
        .push_back(attribute);
  }
  return result;
}

}  // namespace

void check_whole(const std::string& file) {
  read_results_file(file, [](const ResultsFile& whole) {
    for (const std::string& name : whole.variables()) {
      const std::vector<std::string> dimensions = whole.dimensions_of(name);
      if (holds_strings(whole, name))
        whole.strings(name, dimensions);
      else
        whole.values(name, dimensions);
    }
    for (const std::string& name : whole.attributes()) whole.attribute_text(name);
  });
}

// The first file is read before the second file is opened, so that damage in it is not blamed on
// the second.
ResultsDifference difference(const std::string& before, const std::string& now) {
  check_whole(before);
  ResultsDifference result;
  read_results_file(before, [&](const ResultsFile& a) {
    read_results_file(now, [&](const ResultsFile& b) { result = compare(a, b); });
  });
  return result;
}

}  // namespace popflow
