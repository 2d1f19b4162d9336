#pragma once

#include <functional>
#include <span>
#include <vector>

#include "popflow/dynamics/train.hpp"

namespace popflow {

/// One run of an ensemble: where it stands, what it observed, and how it ended.
struct EnsembleRun {
  TrainingState state;
  std::vector<double> time = {};            ///< tau of every scheduled time reached
  std::vector<Parameters> parameters = {};  ///< at those
  TrainingResult result = {};
};

/// A number of runs that have not begun, all from the same parameters. Throws std::invalid_argument
/// unless there is at least one.
std::vector<EnsembleRun> new_ensemble(const Parameters& initial, int runs);

/// Trains every run of the ensemble from where it stands: run r draws the samples of
/// problem.options.schedule.run = r. Runs share out the threads, one run a thread, with the same
/// bits as one after another; a single run uses all threads itself.
///
/// `after_step(r, run)`, if given, is called after every step, by the thread of that run: several
/// calls, for different runs, may be under way at once; `ended(r, run)`, if given, is called in the
/// same way when the run has ended and has its result. Throws what train and these throw; the other
/// runs are then interrupted.
void train_ensemble(const TrainingProblem& problem, std::span<const double> times,
                    std::vector<EnsembleRun>& runs,
                    const std::function<void(int r, const EnsembleRun& run)>& after_step = {},
                    const std::function<void(int r, const EnsembleRun& run)>& ended = {});

}  // namespace popflow
