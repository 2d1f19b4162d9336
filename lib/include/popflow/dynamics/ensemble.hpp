#pragma once

#include <functional>
#include <span>
#include <vector>

#include "popflow/dynamics/train.hpp"

namespace popflow {

/// One run of an ensemble: its training state, the parameters that it observed, and how it ended.
struct EnsembleRun {
  TrainingState state;
  std::vector<double> time = {};            ///< tau of every scheduled time reached
  std::vector<Parameters> parameters = {};  ///< at those
  TrainingResult result = {};
};

/// Runs that have not begun, all from the same parameters. Throws std::invalid_argument unless
/// there is at least one.
std::vector<EnsembleRun> new_ensemble(const Parameters& initial, int runs);

/// Trains every run of the ensemble from its training state. Run r draws the samples of
/// problem.options.schedule.run = r. Each thread takes one run at a time, with the same bits as one
/// run after another. A single run uses all threads.
///
/// `after_step(r, run)`, if given, is called after every step by the thread of that run, so that
/// several calls for different runs may happen at the same time. `ended(r, run)`, if given, is
/// called in the same way when a run has its result. Throws what train and these functions throw;
/// the other runs are then interrupted.
void train_ensemble(const TrainingProblem& problem, std::span<const double> times,
                    std::vector<EnsembleRun>& runs,
                    const std::function<void(int r, const EnsembleRun& run)>& after_step = {},
                    const std::function<void(int r, const EnsembleRun& run)>& ended = {});

}  // namespace popflow
