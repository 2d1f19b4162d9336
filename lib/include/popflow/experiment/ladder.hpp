#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "popflow/experiment/experiment.hpp"
#include "popflow/experiment/provenance.hpp"
#include "popflow/experiment/run.hpp"
#include "popflow/experiment/source.hpp"
#include "popflow/lattice/torus.hpp"
#include "popflow/network/weights.hpp"

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

/// Runs every kind of flow on an experiment, all from initial_parameters, at the snapshots of
/// [flow]:
///
///     population   the orbit average with flow.samples, flow.step and flow.runs, at least two runs
///     quartic ...  every kind in closed form; "latent" with 1, 2 and 3 directions. Tolerances of
///                  the file are kept. flow.stationary_rate is not used
///     sgd          the network's own loss, as section [sgd] says, at least two runs; without that
///                  section by its defaults, four runs. The learning rate must not exceed the time
///                  between two snapshots
///     sgd quartic  the same on the quartic loss
///
/// A row that does not apply to this experiment says why. Returns nothing if it is interrupted
/// before the population is finished. If it is interrupted later, the finished rows are kept.
/// Throws InvalidExperiment if the experiment has no section [flow], or no orbit average.
std::optional<Ladder> run_ladder(const Experiment& experiment, const RunHooks& hooks = {});

}  // namespace popflow
