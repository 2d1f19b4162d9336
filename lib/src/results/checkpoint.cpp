#include "popflow/results/checkpoint.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "popflow/results/results.hpp"
#include "popflow/results/version.hpp"

#include "results/netcdf_writing.hpp"
#include "results/results_file.hpp"

namespace popflow {

namespace {

constexpr const char* checkpoint_kind = "checkpoint";

using Counts = std::vector<std::uint64_t>;

bool same_shape(const Parameters& a, const Parameters& b) {
  return a.hidden() == b.hidden() && a.sites() == b.sites();
}

void check(const std::vector<EnsembleRun>& runs) {
  if (std::all_of(runs.begin(), runs.end(),
                  [](const EnsembleRun& run) { return run.time.empty(); }))
    throw std::invalid_argument("checkpoint: no run has begun");
  const Parameters& model = runs.front().state.parameters;
  for (const EnsembleRun& run : runs) {
    if (run.time.size() != run.state.observed || run.parameters.size() != run.state.observed)
      throw std::invalid_argument("checkpoint: every run needs one snapshot an observed time");
    const auto fits = [&model](const Parameters& p) { return same_shape(p, model); };
    if (!fits(run.state.parameters) ||
        !std::all_of(run.parameters.begin(), run.parameters.end(), fits))
      throw std::invalid_argument("checkpoint: all parameters must be of one shape");
  }
}

void put_identity(netCDF::NcGroup& file, const RunIdentity& identity) {
  file.putAtt("experiment", identity.experiment);
  file.putAtt("overrides", identity.overrides);
  file.putAtt("data_files", identity.data);
  file.putAtt("popflow_version", identity.version);
  file.putAtt("git_revision", identity.git_revision);
}

template <class CountOf>
void put_counts(netCDF::NcGroup& file, const std::string& name, const netCDF::NcDim& run,
                const std::vector<EnsembleRun>& runs, CountOf count_of) {
  std::vector<unsigned long long> counts;
  counts.reserve(runs.size());
  for (const EnsembleRun& each : runs) counts.push_back(count_of(each.state));
  file.addVar(name, netCDF::ncUint64, run).putVar(counts.data());
}

void put_states(netCDF::NcGroup& file, const netCDF::NcDim& run, const netCDF::NcDim& parameter,
                const std::vector<EnsembleRun>& runs) {
  const auto put = [&](const std::string& name, auto count_of) {
    put_counts(file, name, run, runs, count_of);
  };
  put("steps", [](const TrainingState& state) { return state.steps; });
  put("observed", [](const TrainingState& state) { return state.observed; });
  put("steps_since", [](const TrainingState& state) { return state.steps_since; });
  const netCDF::NcVar states =
      add_variable(file, "state", {run, parameter}, "parameters where every run stands");
  for (std::size_t r = 0; r < runs.size(); ++r)
    states.putVar({r, 0}, {1, parameter.getSize()}, runs[r].state.parameters.values.data());
}

void put_snapshots(netCDF::NcGroup& file, const netCDF::NcDim& parameter,
                   const std::vector<EnsembleRun>& runs) {
  std::vector<double> times;
  for (const EnsembleRun& run : runs) times.insert(times.end(), run.time.begin(), run.time.end());
  const netCDF::NcDim snapshot = file.addDim("snapshot", times.size());
  add_variable(file, "time", {snapshot}, "flow time tau").putVar(times.data());

  const netCDF::NcVar variable =
      add_variable(file, "parameters", {snapshot, parameter}, "parameters at those times");
  std::size_t row = 0;
  for (const EnsembleRun& run : runs)
    for (const Parameters& parameters : run.parameters)
      variable.putVar({row++, 0}, {1, parameter.getSize()}, parameters.values.data());
}

void refuse_unless_same(const std::string& path, const RunIdentity& found,
                        const RunIdentity& wanted) {
  const auto refuse = [&path](const std::string& whose) {
    throw InvalidResults(fmt::format(
        "{}: is the checkpoint of {}: resume that one, or remove this file to start anew", path,
        whose));
  };
  const auto program = [](const RunIdentity& identity) {
    return fmt::format("popflow {} ({})", identity.version, identity.git_revision);
  };
  if (found.experiment != wanted.experiment) refuse("a run of another experiment file");
  if (found.overrides != wanted.overrides) refuse("a run with other overrides (--set)");
  if (found.data != wanted.data)
    refuse("a run with other samples (class.N.input.file was replaced)");
  if (program(found) != program(wanted))
    refuse(fmt::format("a run of {}, while this is {}", program(found), program(wanted)));
}

RunIdentity read_identity(const ResultsFile& file) {
  return {file.text("experiment"), file.text("overrides"), file.text("data_files"),
          file.text("popflow_version"), file.text("git_revision")};
}

// K and M of as many parameters, K (M + 2), as the file has.
Parameters parameters_of(const ResultsFile& file) {
  const std::uint64_t hidden = file.integer("hidden"), sites = file.integer("sites"),
                      parameters = file.dimension("parameter");
  if (hidden < 1 || hidden > parameters || sites < 1 || sites > parameters ||
      parameters % hidden != 0 || parameters / hidden != sites + 2)
    file.refuse("hidden and sites do not make its parameters");
  return {static_cast<Eigen::Index>(hidden), static_cast<Eigen::Index>(sites)};
}

// Takes rows of a variable (..., parameter) one after another.
class Rows {
 public:
  Rows(const ResultsFile& file, const std::string& variable, const std::string& dimension)
      : values_(file.values(variable, {dimension, "parameter"})), row_(parameters_of(file)) {}

  Parameters next() {
    row_.values = Eigen::Map<const Eigen::VectorXd>(values_.data() + at_, row_.values.size());
    at_ += row_.values.size();
    return row_;
  }

 private:
  std::vector<double> values_;
  Parameters row_;
  Eigen::Index at_ = 0;
};

std::vector<EnsembleRun> read_runs(const ResultsFile& file) {
  const Counts steps = file.integers("steps", {"run"}),
               observed = file.integers("observed", {"run"}),
               steps_since = file.integers("steps_since", {"run"});
  const std::vector<double> times = file.values("time", {"snapshot"});
  const bool too_many = std::any_of(observed.begin(), observed.end(),
                                    [&times](std::uint64_t n) { return n > times.size(); });
  if (too_many ||
      std::accumulate(observed.begin(), observed.end(), std::uint64_t{0}) != times.size())
    file.refuse("observed does not count its snapshots");

  Rows states(file, "state", "run"), snapshots(file, "parameters", "snapshot");
  auto time = times.begin();
  std::vector<EnsembleRun> runs;
  for (std::size_t r = 0; r < steps.size(); ++r) {
    EnsembleRun run{{states.next(), steps[r], observed[r], steps_since[r]}};
    for (; run.time.size() < observed[r]; ++time) {
      run.time.push_back(*time);
      run.parameters.push_back(snapshots.next());
    }
    runs.push_back(std::move(run));
  }
  return runs;
}

}  // namespace

RunIdentity identity_of(const Experiment& experiment) {
  return {experiment.text, joined_overrides(experiment), experiment.data, std::string(version()),
          std::string(git_revision())};
}

void write_checkpoint(const std::string& path, const RunIdentity& identity,
                      const std::vector<EnsembleRun>& runs) {
  check(runs);
  write_netcdf(path, [&](netCDF::NcGroup& file) {
    const Parameters& model = runs.front().state.parameters;
    file.putAtt("kind", checkpoint_kind);
    file.putAtt("hidden", netCDF::ncInt64, static_cast<long long>(model.hidden()));
    file.putAtt("sites", netCDF::ncInt64, static_cast<long long>(model.sites()));
    put_identity(file, identity);
    const netCDF::NcDim run = file.addDim("run", runs.size());
    const netCDF::NcDim parameter =
        file.addDim("parameter", static_cast<std::size_t>(model.values.size()));
    put_states(file, run, parameter, runs);
    put_snapshots(file, parameter, runs);
  });
}

std::vector<EnsembleRun> read_checkpoint(const std::string& path, const RunIdentity& identity) {
  std::vector<EnsembleRun> runs;
  const auto read = [&](const ResultsFile& file) {
    file.require_kind({checkpoint_kind});
    refuse_unless_same(path, read_identity(file), identity);
    runs = read_runs(file);
  };
  read_results_file(path, read, "checkpoint");
  return runs;
}

}  // namespace popflow
