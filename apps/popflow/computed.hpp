#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "popflow/experiment/sweep.hpp"
#include "popflow/results/decomposition.hpp"
#include "popflow/results/ladder.hpp"
#include "popflow/run/run.hpp"

namespace popflow {

// The computations of the verbs, without their printing: for the verbs and for `popflow rerun`.
// Progress is shown on a terminal, if `shown`. Interrupted runs say so in their stop_reason.
// Results are without their provenance.

Run computed_flow(const Experiment& experiment, bool shown);

/// Without checkpoints.
Run computed_sgd(const Experiment& experiment, bool shown);

Results computed_fixed_point(const Experiment& experiment, bool shown);

/// Nothing where it was interrupted before there was anything to compare with.
std::optional<Ladder> computed_ladder(const Experiment& experiment, bool shown);

Decomposition computed_decomposition(const Experiment& experiment, bool shown);

class SweepRanks;

/// How a sweep is computed and where to.
struct SweepOptions {
  std::string output;
  int threads = 0;  ///< points at a time, of every rank; 0: by the number of processors
  bool shown = true;
};

/// A point that did not come to what was asked for.
struct FailedPoint {
  std::string point;   ///< "gain = 3, bias = -1"
  std::string reason;  ///< its stop_reason
  std::string why;     ///< what it threw, or how far it came
};

struct SweepOutcome {
  std::size_t points = 0, finished = 0;  ///< finished: also those that failed
  std::vector<FailedPoint> failed;
  std::string in_hand;  ///< what other ranks had when it was interrupted

  bool complete() const { return finished == points; }
};

/// Computes the points that are not in the journal beside the output, by this process and the other
/// ranks of mpirun, and writes the results if all points are finished. Ranks other than 0 only
/// help, and return nothing. `ranks` must live until the outcome was printed: if a rank died, its
/// destructor ends the program by MPI. Throws what read_sweep, the journal and write_sweep throw.
std::optional<SweepOutcome> computed_sweep(const std::function<Sweep()>& read,
                                           const SweepOptions& options,
                                           const std::string& command_line, SweepRanks& ranks);

}  // namespace popflow
