#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "popflow/results/checkpoint.hpp"

#include "progress.hpp"

namespace popflow {

/// Keeps a copy of where every run of an ensemble stands, and writes these to a file every so many
/// seconds. Runs report from their own threads, several at once. The copies take as much memory
/// as the runs, and the file as much again while it is written.
class Checkpoints {
 public:
  /// `runs` is where they stand at the beginning; `interval` >= 0 is in seconds, between the end of
  /// one checkpoint and the next. 0: after every step.
  Checkpoints(std::string path, RunIdentity identity, double interval,
              std::vector<EnsembleRun> runs);

  /// Throws std::runtime_error if the file cannot be written; the previous checkpoint is then still
  /// there.
  void step_taken(int r, const EnsembleRun& run);
  void run_ended(int r, const EnsembleRun& run);

  /// Writes what is known, when all runs have ended. Throws as step_taken does.
  void write();

  /// The runs have reached their end: there is nothing to go on with.
  void remove() const;

 private:
  void keep(int r, const EnsembleRun& run);

  std::string path_;
  RunIdentity identity_;
  double interval_;
  double lead_;  // copies are taken in so many seconds before the file is written
  Stopwatch stopwatch_;
  std::atomic<double> due_;  // on the stopwatch
  std::mutex lock_;          // of the copies and the file
  std::vector<EnsembleRun> copies_;
};

}  // namespace popflow
