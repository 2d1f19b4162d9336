#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "popflow/experiment/sweep.hpp"
#include "popflow/results/sweep_results.hpp"

#include "progress.hpp"
#include "sweep_journal.hpp"

namespace popflow {

/// Hands out the points of a sweep that are not finished, one after another, and takes finished
/// ones into the journal. All may be called by several threads at once.
class PointDesk {
 public:
  PointDesk(const Sweep& sweep, SweepJournal& journal, Progress& progress);

  /// The next point, for one of MPI's ranks; none when all are handed out.
  std::optional<std::size_t> next(int rank);

  void finished(std::size_t number, SweepPoint point);

  /// The points that are being computed: "rank 1 had network.bias=-1", ...
  std::string in_hand() const;

 private:
  const Sweep& sweep_;
  SweepJournal& journal_;
  Progress& progress_;
  mutable std::mutex lock_;
  std::vector<std::size_t> open_;
  std::size_t given_ = 0;
  std::map<std::size_t, int> rank_of_;  // of points that are being computed
};

/// Computes points by threads of its own, each point by one of them, so that its results depend on
/// nothing else, until there is none or `stopped`. Throws what the functions throw, when all
/// threads have ended. They are called by several threads at once.
void compute_points(const Sweep& sweep, int threads,
                    const std::function<std::optional<std::size_t>()>& next,
                    const std::function<void(std::size_t, SweepPoint)>& finished,
                    const std::function<bool()>& stopped);

}  // namespace popflow
