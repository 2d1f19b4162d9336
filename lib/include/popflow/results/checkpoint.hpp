#pragma once

#include <string>
#include <vector>

#include "popflow/dynamics/ensemble.hpp"
#include "popflow/experiment/experiment.hpp"

namespace popflow {

/// A checkpoint is resumed only if all of these are the same: then training goes on with the same
/// bits.
struct RunIdentity {
  std::string experiment;    ///< the whole file
  std::string overrides;     ///< KEY=VALUE, one a line
  std::string data;          ///< the data files' digests, as in ExperimentFiles
  std::string version;       ///< of popflow
  std::string git_revision;  ///< of popflow
};

/// The identity of a run of this experiment by this program.
RunIdentity identity_of(const Experiment& experiment);

/// Writes where every run of an ensemble stands and what it has observed; `result` is left out.
/// Runs need not have come equally far, and some may not have begun.
///
/// The file is NetCDF-4 and appears whole or not at all. R runs, P = K (M + 2) parameters, and all
/// snapshots of all runs, one run after another:
///
///     steps, observed, steps_since(run)   TrainingState
///     state(run, parameter)               its parameters
///     time(snapshot)                      observed[0] of the first run, observed[1] of the next...
///     parameters(snapshot, parameter)     at those
///
/// with attributes kind ("checkpoint"), hidden (K), sites (M), and the identity's: experiment,
/// overrides, data_files, popflow_version, git_revision.
///
/// Throws std::invalid_argument when no run has begun or shapes disagree, UnwritableOutput, or
/// std::runtime_error when writing fails; what was at `path` is then still there.
void write_checkpoint(const std::string& path, const RunIdentity& identity,
                      const std::vector<EnsembleRun>& runs);

/// The ensemble as it was written, bit for bit. Throws InvalidResults when the file is no
/// checkpoint or not a whole one, and when it is of another run than this.
std::vector<EnsembleRun> read_checkpoint(const std::string& path, const RunIdentity& identity);

}  // namespace popflow
