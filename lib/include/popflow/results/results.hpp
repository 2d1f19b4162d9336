#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "popflow/experiment/printable.hpp"
#include "popflow/experiment/source.hpp"
#include "popflow/lattice/torus.hpp"
#include "popflow/network/weights.hpp"
#include "popflow/results/provenance.hpp"

namespace popflow {

/// A file that is not the results file or checkpoint that it should be, or not a whole one. The
/// message is one line that names it.
struct InvalidResults : std::runtime_error {
  explicit InvalidResults(const std::string& message) : std::runtime_error(printable(message)) {}
};

/// A measured quantity: values over (snapshot, ...), row-major.
struct Series {
  std::string name;  ///< of the variable
  std::string description;
  /// Dimensions after "snapshot", by name and size: "neuron", "class".
  std::vector<std::pair<std::string, std::size_t>> dimensions;
  std::vector<double> values;
};

/// The series of how large the terms are that an expansion neglects (flow/expansion.hpp).
inline constexpr const char* neglected_terms_name = "neglected_terms";

/// The results of a flow or of a training run: snapshots of the weights, and where they come from.
///
/// The file is NetCDF-4. S snapshots, K neurons, and for a torus (row, column) in place of site:
///
///     time(snapshot)                             flow time tau
///     weights(snapshot, neuron, site)            u
///     ipr(snapshot, neuron)                      inverse participation ratio of weights
///     neglected_terms(snapshot)                  of a flow by expansion: the terms that it
///                                                neglects, relative to those that it keeps
///                                                (Eq. 115, 116); above 0.1 do not believe it
///     bias, test_loss, ...(snapshot, ...)        what else was measured
///
/// of one run. Where there are several, these are of run 0, one actual trajectory, and say so in
/// their long_name; in addition there are
///
///     run_weights(run, snapshot, neuron, site)   u of every run
///     run_ipr(run, snapshot, neuron)             inverse participation ratio of each of these
///     mean_weights, weights_error(snapshot, ...) mean of run_weights, and its standard error
///     mean_ipr, ipr_error(snapshot, neuron)      mean of run_ipr, and its standard error
///
/// Variables over snapshots name time as their coordinate (attribute coordinates, as in the CF
/// conventions),
/// and all else is global attributes: kind, stop_reason, seed, experiment (the whole file),
/// overrides (KEY=VALUE, one a line), experiment_file (as it was named), experiment_folder (from
/// this file's folder), data_files (ExperimentFiles::data), popflow_version, git_revision,
/// compiler, instruction_set, command_line, date.
struct Results {
  std::string kind;         ///< "flow" or "sgd"
  std::string stop_reason;  ///< name(StopReason)
  std::uint64_t seed = 0;
  Torus torus{{1}};
  std::vector<double> time;                ///< S
  std::vector<std::vector<Weights>> runs;  ///< R x S, each K x N; R >= 1
  std::vector<Series> series = {};         ///< of the first run; not read back
  /// For a flow, the largest relative error of its classes' fourth cumulants (attribute
  /// cumulant_error).
  std::optional<double> cumulant_error;
  std::string experiment;
  std::string overrides;
  ExperimentFiles files = {};  ///< not read back
  Provenance provenance;

  int neurons() const { return static_cast<int>(runs.front().front().rows()); }
};

/// The neglected terms of every snapshot, or none where the flow does not expand.
std::vector<double> neglected_terms(const Results& results);

/// The file appears whole or not at all. Throws std::invalid_argument when `results` has no
/// snapshot or its shapes disagree, UnwritableOutput, or std::runtime_error when writing fails.
void write_results(const std::string& path, const Results& results);

/// Throws InvalidResults.
Results read_results(const std::string& path);

}  // namespace popflow
