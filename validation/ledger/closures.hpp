#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "popflow/experiment/experiment.hpp"

#include "reference.hpp"

namespace ledger {

/// Seconds since it was made.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// A closed form of the population gradient: flow.kind, and flow.latents where it has any.
struct Closure {
  std::string kind;
  int latents = 0;

  std::string name() const;
};

const std::vector<Closure>& all_closures();

/// [flow] of an experiment, for this closure instead of the orbit average.
popflow::FlowSpec spec_of(const popflow::Experiment& experiment, const Closure& closure);

/// A closure's trajectory and what it cost, by all threads where it has use for them.
struct ClosureRun {
  Fields fields;                ///< at the snapshots of the experiment, those that it reached
  bool reached_end = true;      ///< false: it diverged, or its steps became too small
  double setup_seconds = 0.0;   ///< to make the flow, cumulants and tables with it
  double rate_seconds = 0.0;    ///< of one right-hand side
  std::size_t evaluations = 0;  ///< of the right-hand side
  double seconds = 0.0;         ///< of the trajectory
};

/// Nothing where the closure does not apply.
std::optional<ClosureRun> run_closure(const popflow::Experiment& experiment,
                                      const Closure& closure);

/// The floor of any right-hand side that visits Fourier space: seconds that the forward and the
/// backward transform of the weights take.
double transform_seconds(const popflow::Experiment& experiment);

}  // namespace ledger
