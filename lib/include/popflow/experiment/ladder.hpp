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

/// Relative errors of receptive fields at the snapshots of a ladder, S entries each, as
/// MeanDistance defines them; NaN at snapshots that were not reached.
struct LadderErrors {
  std::vector<double> distance = {}, error = {}, standard_error = {};
};

/// One way from the initial weights to the end: a kind of flow, the population itself, or SGD.
struct LadderRow {
  /// "population"; a kind of flow, with the number of directions where it has any: "latent 2";
  /// "sgd" on the network's own loss; "sgd quartic" on the quartic loss.
  std::string name;
  std::string reason;            ///< why it does not apply or failed; empty where it ran
  std::string stop_reason;       ///< name(StopReason), "failed", or empty where it does not apply
  int runs = 1;                  ///< with other samples
  double tau = 0.0;              ///< of the end
  double seconds = 0.0;          ///< of all runs, tables and operators included
  std::int64_t evaluations = 0;  ///< of the right-hand side, or steps of SGD, in all runs
  std::vector<Weights> weights =
      {};  ///< mean over runs at the snapshots that were reached, each K x N
  std::vector<Eigen::VectorXd> ipr = {};  ///< at these, K each: mean over runs

  LadderErrors population = {};            ///< how far from the population, over all neurons
  std::vector<LadderErrors> neurons = {};  ///< the same of every neuron by itself, K entries
  /// The same over all neurons, after each neuron of every run was moved by a shift and a sign onto
  /// that of the population's first run: without the drift of receptive fields along the lattice.
  LadderErrors aligned = {};
  LadderErrors quartic = {};  ///< of "sgd quartic" only: how far from the quartic flow

  bool applies() const { return !stop_reason.empty(); }
  bool reached_end() const;
};

/// What every kind of flow makes of one experiment, beside the population and SGD.
struct Ladder {
  std::uint64_t seed = 0;
  Torus torus{{1}};
  int hidden = 1;               ///< K
  std::string stop_reason;      ///< "reached_end", or "interrupted": some rows are not there then
  std::vector<double> time;     ///< S
  std::vector<LadderRow> rows;  ///< the population first
  std::string experiment;
  std::string overrides;
  ExperimentFiles files = {};
  Provenance provenance;

  /// Null where there is no such row.
  const LadderRow* row(const std::string& name) const;

  /// Why the ladder is not what was asked for, in one line; empty where it is. The population and
  /// SGD must reach the end, and no row may have failed. That a closure diverges, or SGD on the
  /// quartic loss, is a result.
  std::string failure() const;
};

/// Runs every kind of flow on an experiment, all from initial_parameters, at the snapshots of
/// [flow]:
///
///     population   the orbit average: flow.samples, flow.step and flow.runs, at least two
///     quartic ...  every kind of closed form; latent with 1, 2 and 3 directions. Tolerances of the
///                  file are kept. flow.stationary_rate is not used
///     sgd          the network's own loss, as section [sgd] says, at least two runs; without the
///                  section by its defaults, four runs. Its learning rate must not exceed the time
///                  between two snapshots
///     sgd quartic  the same on the quartic loss
///
/// A row that does not apply to this experiment says why. Returns nothing where it was interrupted
/// before the population was there; interrupted later, the rows that were done are kept.
/// Throws InvalidExperiment where the experiment has no section [flow], or no orbit average.
std::optional<Ladder> run_ladder(const Experiment& experiment, const RunHooks& hooks = {});

}  // namespace popflow
