#pragma once

#include <optional>
#include <vector>

#include "popflow/dynamics/fixed_point.hpp"
#include "popflow/dynamics/stability.hpp"
#include "popflow/run/run.hpp"

namespace popflow {

/// The state at which the flow of an experiment comes to rest, and the spectrum there.
struct FixedPointRun {
  IntegrationResult start;      ///< of the flow before the search
  FixedPointResult end;         ///< of the search
  Parameters parameters{0, 0};  ///< at the end
  /// Growth rates of all perturbations of the state at the end, also if it is no fixed point. Has
  /// no entry if the state is not finite, or if the run was interrupted.
  Stability spectrum = {};
  std::vector<TranslationMode> translations = {};  ///< translations in the spectrum
  double null_rate = 1e-8;                         ///< FixedPointOptions::null_rate of the search
  /// Neglected terms at the end, of a flow by expansion (flow/expansion.hpp).
  std::optional<double> neglected_terms = {};

  bool converged() const { return end.reason == SolveReason::converged; }

  /// The number of perturbations that grow at more than null_rate.
  int unstable() const { return spectrum.unstable(null_rate); }

  /// The largest growth rate of a translation, and of all other perturbations. Nothing if the
  /// spectrum has no such perturbation.
  std::optional<double> translation_rate() const;
  std::optional<double> slowest_rate() const;
};

/// The options of section [fixed_point]. Throws InvalidExperiment for a sampled flow.
FixedPointOptions fixed_point_options(const Experiment& experiment);

/// Integrates the flow from the initial weights to flow.t_end, and searches a fixed point from
/// there. A search that does not converge is a result. Throws what experiment_flow throws, except
/// Interrupted.
FixedPointRun run_fixed_point(const Experiment& experiment, const RunHooks& hooks = {});

/// The results of such a run, without their provenance: one snapshot, and the further variables
///
///     residual, translation_residual(snapshot)   |du/dtau| across and along the translations
///     drift(snapshot, axis)                      velocity in sites per tau
///     growth_rate, frequency(snapshot, direction)   the spectrum
///     translation_rate(snapshot, translation)    growth rates of the translations
Run fixed_point_as_run(const Experiment& experiment, const FixedPointRun& run);

}  // namespace popflow
