#include "popflow/results/ladder.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "popflow/dynamics/stop_reason.hpp"
#include "popflow/results/decomposition.hpp"

#include "results/netcdf_writing.hpp"
#include "results/results_file.hpp"

namespace popflow {

namespace {

// L rows, S snapshots, K neurons, N sites. Values that a row does not have are NaN.
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

void check(const Ladder& ladder) {
  const auto fits = [&ladder](const LadderErrors& errors) {
    const std::size_t S = ladder.time.size();
    const auto size = [S](const std::vector<double>& values) {
      return values.empty() || values.size() == S;
    };
    return size(errors.distance) && size(errors.error) && size(errors.standard_error);
  };
  if (ladder.rows.empty() || ladder.time.empty() || ladder.hidden < 1)
    throw std::invalid_argument("ladder: needs at least one row, snapshot and neuron");
  for (const LadderRow& row : ladder.rows) {
    bool right = row.weights.size() <= ladder.time.size() && row.ipr.size() == row.weights.size() &&
                 fits(row.population) && fits(row.aligned) && fits(row.quartic) &&
                 row.neurons.size() <= static_cast<std::size_t>(ladder.hidden);
    for (const Weights& u : row.weights)
      right = right && u.rows() == ladder.hidden && u.cols() == ladder.torus.sites();
    for (const Eigen::VectorXd& ipr : row.ipr) right = right && ipr.size() == ladder.hidden;
    for (const LadderErrors& errors : row.neurons) right = right && fits(errors);
    if (!right)
      throw std::invalid_argument("ladder: row " + row.name + " has other shapes than the ladder");
  }
}

// One value a row that ran.
template <class ValueOf>
std::vector<double> of_rows(const Ladder& ladder, const ValueOf& value_of) {
  std::vector<double> values;
  for (const LadderRow& row : ladder.rows)
    values.push_back(row.weights.empty() ? missing : static_cast<double>(value_of(row)));
  return values;
}

// Blocks of `size` values, one a row and snapshot: block_of(row, n) points to that of a snapshot
// that was reached.
template <class BlockOf>
std::vector<double> blocks(const Ladder& ladder, std::size_t size, const BlockOf& block_of) {
  std::vector<double> values;
  for (const LadderRow& row : ladder.rows)
    for (std::size_t n = 0; n < ladder.time.size(); ++n)
      if (n < row.weights.size()) {
        const double* const block = block_of(row, n);
        values.insert(values.end(), block, block + size);
      } else {
        values.insert(values.end(), size, missing);
      }
  return values;
}

// The three variables of LadderErrors, with `entries(member)` the values of one of its members.
template <class Entries>
void put_errors(netCDF::NcGroup& file, const std::string& prefix, const Dimensions& dimensions,
                const std::string& of_what, const Entries& entries) {
  put_numbers(file, prefix + "distance", dimensions,
              "relative distance " + of_what + ", noise included",
              entries(&LadderErrors::distance));
  put_numbers(file, prefix + "error", dimensions,
              "relative error " + of_what + ", without the noise", entries(&LadderErrors::error));
  put_numbers(file, prefix + "standard_error", dimensions,
              "standard error of the distance " + of_what, entries(&LadderErrors::standard_error));
}

using Member = std::vector<double> LadderErrors::*;

void append_all(std::vector<double>& values, const std::vector<double>& more, std::size_t size) {
  if (more.empty())
    values.insert(values.end(), size, missing);
  else
    values.insert(values.end(), more.begin(), more.end());
}

std::vector<double> errors_of_rows(const Ladder& ladder, LadderErrors LadderRow::*errors,
                                   Member member) {
  std::vector<double> values;
  for (const LadderRow& row : ladder.rows)
    append_all(values, row.*errors.*member, ladder.time.size());
  return values;
}

// (row, snapshot, neuron) of what rows have as (neuron, snapshot).
std::vector<double> errors_of_neurons(const Ladder& ladder, Member member) {
  std::vector<double> values;
  for (const LadderRow& row : ladder.rows)
    for (std::size_t n = 0; n < ladder.time.size(); ++n)
      for (std::size_t k = 0; k < static_cast<std::size_t>(ladder.hidden); ++k) {
        const bool known = k < row.neurons.size() && !(row.neurons[k].*member).empty();
        values.push_back(known ? (row.neurons[k].*member)[n] : missing);
      }
  return values;
}

void put_rows(netCDF::NcGroup& file, const netCDF::NcDim& kind, const Ladder& ladder) {
  const std::vector<LadderRow>& rows = ladder.rows;
  put_strings(file, "kind", {kind}, "kind of flow, the population, or SGD", rows.size(),
              [&rows](std::size_t n) { return rows[n].name; });
  put_strings(file, "reason", {kind}, "why it does not apply or failed", rows.size(),
              [&rows](std::size_t n) { return rows[n].reason; });
  put_strings(file, "stop_reason", {kind}, "how it ended; empty where it does not apply",
              rows.size(), [&rows](std::size_t n) { return rows[n].stop_reason; });
  put_numbers(file, "tau", {kind}, "flow time at the end",
              of_rows(ladder, [](const LadderRow& row) { return row.tau; }));
  put_numbers(file, "runs", {kind}, "number of runs",
              of_rows(ladder, [](const LadderRow& row) { return row.runs; }));
  put_numbers(file, "evaluations", {kind}, "evaluations of the rate, or steps of SGD, in all runs",
              of_rows(ladder, [](const LadderRow& row) { return row.evaluations; }));
  const std::vector<double> seconds =
      of_rows(ladder, [](const LadderRow& row) { return row.seconds; });
  add_variable(file, "seconds", {kind}, "time that it took, tables and operators included", "s")
      .putVar(seconds.data());
}

void put_variables(netCDF::NcGroup& file, const Ladder& ladder) {
  const netCDF::NcDim kind = file.addDim("kind", ladder.rows.size());
  const netCDF::NcDim snapshot = file.addDim("snapshot", ladder.time.size());
  const auto K = static_cast<std::size_t>(ladder.hidden);
  const netCDF::NcDim neuron = file.addDim("neuron", K);
  Dimensions per_site{kind, snapshot, neuron};
  for (const netCDF::NcDim& dimension : add_lattice(file, ladder.torus))
    per_site.push_back(dimension);
  put_rows(file, kind, ladder);
  put_numbers(file, "time", {snapshot}, "flow time tau", ladder.time);
  put_numbers(file, "weights", per_site, "first-layer weights u, mean over runs",
              blocks(ladder, K * static_cast<std::size_t>(ladder.torus.sites()),
                     [](const LadderRow& row, std::size_t n) { return row.weights[n].data(); }));
  put_numbers(
      file, "ipr", {kind, snapshot, neuron},
      "inverse participation ratio of the weights, mean over runs",
      blocks(ladder, K, [](const LadderRow& row, std::size_t n) { return row.ipr[n].data(); }));
  put_errors(file, "", {kind, snapshot}, "from the population",
             [&](Member member) { return errors_of_rows(ladder, &LadderRow::population, member); });
  put_errors(file, "neuron_", {kind, snapshot, neuron}, "from the population of one neuron",
             [&](Member member) { return errors_of_neurons(ladder, member); });
  put_errors(file, "aligned_", {kind, snapshot}, "from the population up to shift and sign",
             [&](Member member) { return errors_of_rows(ladder, &LadderRow::aligned, member); });
  put_errors(file, "quartic_", {snapshot}, "of SGD on the quartic loss from the quartic flow",
             [&](Member member) {
               const LadderRow* const row = ladder.row("sgd quartic");
               std::vector<double> values;
               append_all(values, row ? row->quartic.*member : std::vector<double>{},
                          ladder.time.size());
               return values;
             });
}

using Numbers = std::vector<double>;

template <class Value>
Value count(double number) {
  return number >= 0.0 && number < 9e15 ? static_cast<Value>(number) : Value{0};
}

void read_rows(const ResultsFile& file, Ladder& ladder) {
  const std::vector<std::string> names = file.strings("kind", {"kind"}),
                                 reasons = file.strings("reason", {"kind"}),
                                 stop_reasons = file.strings("stop_reason", {"kind"});
  const Numbers tau = file.values("tau", {"kind"}), runs = file.values("runs", {"kind"}),
                evaluations = file.values("evaluations", {"kind"}),
                seconds = file.values("seconds", {"kind"});
  for (std::size_t r = 0; r < names.size(); ++r) {
    LadderRow row{names[r], reasons[r], stop_reasons[r]};
    row.tau = tau[r];
    row.runs = std::min(count<int>(runs[r]), 1'000'000);
    row.evaluations = count<std::int64_t>(evaluations[r]);
    row.seconds = seconds[r];
    ladder.rows.push_back(std::move(row));
  }
}

// Snapshots were reached up to the first whose weights are not numbers.
void read_weights(const ResultsFile& file, Ladder& ladder) {
  std::vector<std::string> per_site{"kind", "snapshot", "neuron"};
  for (const std::string& name : file.lattice_dimensions()) per_site.push_back(name);
  const Numbers weights = file.values("weights", per_site),
                ipr = file.values("ipr", {"kind", "snapshot", "neuron"});
  const double* next_weights = weights.data();
  const double* next_ipr = ipr.data();
  for (LadderRow& row : ladder.rows) {
    bool reached = true;
    for (std::size_t n = 0; n < ladder.time.size(); ++n) {
      const Weights u =
          Eigen::Map<const Weights>(next_weights, ladder.hidden, ladder.torus.sites());
      reached = reached && u.allFinite();
      if (reached) {
        row.weights.push_back(u);
        row.ipr.emplace_back(Eigen::Map<const Eigen::VectorXd>(next_ipr, ladder.hidden));
      }
      next_weights += u.size();
      next_ipr += ladder.hidden;
    }
  }
}

// Entry `start`, and then one in `stride`, as many as there are snapshots.
Numbers strided(const Numbers& values, std::size_t start, std::size_t stride, std::size_t count) {
  Numbers result;
  for (std::size_t n = 0; n < count; ++n) result.push_back(values[start + n * stride]);
  return result;
}

struct ErrorVariables {
  Numbers distance, error, standard_error;

  ErrorVariables(const ResultsFile& file, const std::string& prefix,
                 const std::vector<std::string>& dimensions)
      : distance(file.values(prefix + "distance", dimensions)),
        error(file.values(prefix + "error", dimensions)),
        standard_error(file.values(prefix + "standard_error", dimensions)) {}

  LadderErrors at(std::size_t start, std::size_t stride, std::size_t count) const {
    return {strided(distance, start, stride, count), strided(error, start, stride, count),
            strided(standard_error, start, stride, count)};
  }
};

void read_errors(const ResultsFile& file, Ladder& ladder) {
  const std::size_t S = ladder.time.size(), K = static_cast<std::size_t>(ladder.hidden);
  const ErrorVariables population(file, "", {"kind", "snapshot"}),
      aligned(file, "aligned_", {"kind", "snapshot"}), quartic(file, "quartic_", {"snapshot"}),
      neurons(file, "neuron_", {"kind", "snapshot", "neuron"});
  for (std::size_t r = 0; r < ladder.rows.size(); ++r) {
    LadderRow& row = ladder.rows[r];
    row.population = population.at(r * S, 1, S);
    row.aligned = aligned.at(r * S, 1, S);
    for (std::size_t k = 0; k < K; ++k) row.neurons.push_back(neurons.at(r * S * K + k, K, S));
    if (row.name == "sgd quartic") row.quartic = quartic.at(0, 1, S);
  }
}

Ladder ladder_in(const ResultsFile& file) {
  file.require_kind({ladder_kind});
  Ladder ladder;
  ladder.seed = file.integer("seed");
  ladder.torus = file.torus();
  ladder.stop_reason = file.text("stop_reason");
  ladder.time = file.values("time", {"snapshot"});
  if (ladder.time.size() < 2) file.refuse("it has fewer than two snapshots");
  ladder.experiment = file.text("experiment");
  ladder.overrides = file.text("overrides");
  ladder.provenance = file.provenance();
  // Read first: it makes sure that the number of neurons is one that the file can hold.
  file.values("neuron_error", {"kind", "snapshot", "neuron"});
  ladder.hidden = static_cast<int>(file.dimension("neuron"));
  read_rows(file, ladder);
  read_weights(file, ladder);
  read_errors(file, ladder);
  if (ladder.rows.empty()) file.refuse("it has no rows");
  const LadderRow& first = ladder.rows.front();
  if (first.name != "population" || first.weights.empty())
    file.refuse("its first row is not the population");
  return ladder;
}

}  // namespace

bool LadderRow::reached_end() const {
  return stop_reason == popflow::name(StopReason::reached_end);
}

const LadderRow* Ladder::row(const std::string& wanted) const {
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [&wanted](const LadderRow& each) { return each.name == wanted; });
  return found == rows.end() ? nullptr : &*found;
}

std::string Ladder::failure() const {
  for (const LadderRow& each : rows) {
    const bool needed = each.name == "population" || each.name == "sgd";
    if (each.applies() && !each.reason.empty())
      return fmt::format("{}: {}", each.name, each.reason);
    if (each.applies() && needed && !each.reached_end())
      return fmt::format("{}: stopped before the end, at tau = {:.6g}: {}", each.name, each.tau,
                         each.stop_reason);
  }
  return "";
}

void write_ladder(const std::string& path, const Ladder& ladder) {
  check(ladder);
  write_netcdf(path, [&](netCDF::NcGroup& file) {
    put_origin(file,
               {ladder_kind, ladder.seed, ladder.experiment, ladder.overrides, ladder.files,
                ladder.provenance},
               path);
    file.putAtt("stop_reason", ladder.stop_reason);
    put_variables(file, ladder);
  });
}

Ladder read_ladder(const std::string& path) {
  Ladder ladder;
  read_results_file(path, [&](const ResultsFile& file) { ladder = ladder_in(file); });
  return ladder;
}

bool holds_ladder(const std::string& path) { return results_kind(path) == ladder_kind; }

}  // namespace popflow
