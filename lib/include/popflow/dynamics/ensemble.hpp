#pragma once

#include <functional>
#include <span>
#include <vector>

#include "popflow/dynamics/train.hpp"
#include "popflow/dynamics/trajectory.hpp"

namespace popflow {

/// One run of an ensemble: what it observed, and how it ended.
struct EnsembleRun {
  Trajectory trajectory;
  TrainingResult result;
};

/// Trains one neuron `runs` times from the same weights (1 x N): run r draws the samples of
/// options.sgd.run = r. Runs share out the threads, one run a thread, with the same bits as one
/// after another; a single run uses all threads itself.
///
/// `progress(run, tau)`, if given, is called at every scheduled time of every run, never twice at
/// once. Throws what train throws, and std::invalid_argument unless runs >= 1.
std::vector<EnsembleRun> train_ensemble(
    const Task& task, const Neuron& neuron, Loss loss, const Weights& initial,
    std::span<const double> times, int runs, const TrainingOptions& options,
    const std::function<void(int run, double tau)>& progress = {});

}  // namespace popflow
