#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "popflow/experiment/source.hpp"
#include "popflow/lattice/torus.hpp"
#include "popflow/network/weights.hpp"
#include "popflow/results/provenance.hpp"

namespace popflow {

/// Relative errors of receptive fields at the snapshots of a ladder, S entries each, as defined by
/// MeanDistance; NaN at snapshots that were not reached.
struct LadderErrors {
  std::vector<double> distance = {}, error = {}, standard_error = {};
};

/// One row of a ladder: a kind of flow, the population itself, or SGD.
struct LadderRow {
  /// "population"; a kind of flow, with the number of directions where it has any: "latent 2";
  /// "sgd" on the network's own loss; "sgd quartic" on the quartic loss.
  std::string name;
  std::string reason;            ///< why it does not apply or failed; empty if it ran
  std::string stop_reason;       ///< name(StopReason), "failed", or empty if it does not apply
  int runs = 1;                  ///< number of runs, each with other samples
  double tau = 0.0;              ///< flow time at the end
  double seconds = 0.0;          ///< of all runs, tables and operators included
  std::int64_t evaluations = 0;  ///< of the right-hand side, or steps of SGD, in all runs
  /// Means over runs at the snapshots that were reached, each K x N.
  std::vector<Weights> weights = {};
  std::vector<Eigen::VectorXd> ipr = {};  ///< means over runs at the same snapshots, K each

  LadderErrors population = {};            ///< distance from the population, over all neurons
  std::vector<LadderErrors> neurons = {};  ///< the same for every neuron by itself, K entries
  /// The same over all neurons, after each neuron of every run was moved by a shift and a sign onto
  /// that of the population's first run. It leaves out how far receptive fields drift along the
  /// lattice.
  LadderErrors aligned = {};
  LadderErrors quartic = {};  ///< of "sgd quartic" only: distance from the quartic flow

  bool applies() const { return !stop_reason.empty(); }
  bool reached_end() const;
};

/// Every kind of flow on one experiment, beside the population and SGD.
struct Ladder {
  std::uint64_t seed = 0;
  Torus torus{{1}};
  int hidden = 1;               ///< K
  std::string stop_reason;      ///< "reached_end", or "interrupted": then some rows are missing
  std::vector<double> time;     ///< tau of the S snapshots
  std::vector<LadderRow> rows;  ///< the population first
  std::string experiment;
  std::string overrides;
  ExperimentFiles files = {};
  Provenance provenance;

  /// The row of that name; null if there is none.
  const LadderRow* row(const std::string& name) const;

  /// Why the ladder is incomplete, in one line; empty if it is complete. The population and SGD on
  /// the network's own loss must reach the end, and no row may have failed. If a closure diverges,
  /// or SGD on the quartic loss, this is a result and not a failure.
  std::string failure() const;
};

/// The attribute `kind` of files that write_ladder writes.
inline constexpr const char* ladder_kind = "ladder";

/// Writes a ladder; the file appears whole or not at all. NetCDF-4, with one entry a row of the
/// ladder along the dimension `kind`, S snapshots and K neurons (row, column on tori in place of
/// site):
///
///     kind(kind)                             names of the rows, LadderRow::name
///     time(snapshot)                         flow time tau
///     reason, stop_reason(kind)              strings, as in LadderRow
///     tau, runs, evaluations, seconds(kind)  how far it came, and what it cost
///     weights(kind, snapshot, neuron, site)  u, mean over runs
///     ipr(kind, snapshot, neuron)            inverse participation ratio, mean over runs
///     distance, error, standard_error(kind, snapshot)   from the population, LadderErrors
///     neuron_distance, neuron_error, neuron_standard_error(kind, snapshot, neuron)
///     aligned_distance, aligned_error, aligned_standard_error(kind, snapshot)
///     quartic_distance, quartic_error, quartic_standard_error(snapshot)   of "sgd quartic", from
///                                                                         the row "quartic"
///
/// and attributes kind ("ladder"), stop_reason, and those of results.hpp from seed on. Values that
/// a row does not have are NaN. `popflow rerun` does not compare `seconds`, which differs from run
/// to run. Throws std::invalid_argument if the shapes of the rows disagree, UnwritableOutput, or
/// std::runtime_error if writing fails.
void write_ladder(const std::string& path, const Ladder& ladder);

/// Reads a ladder back; its member `files` stays empty. Throws InvalidResults.
Ladder read_ladder(const std::string& path);

/// Whether a file that can be opened holds a ladder.
bool holds_ladder(const std::string& path);

}  // namespace popflow
