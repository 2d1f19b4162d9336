#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "popflow/dynamics/stop_reason.hpp"
#include "popflow/experiment/results.hpp"

#include "arguments.hpp"

namespace popflow {

/// What the verbs flow, sgd and decompose take.
struct RunArguments {
  ExperimentArguments experiment;
  PrintArguments print;
  std::string output;  ///< empty: nothing is written

  void add_to(CLI::App& verb);

  /// Reads the experiment, and makes sure that the results can be written before the run starts:
  /// throws UnwritableOutput, and what provenance() throws.
  Experiment read() const;
};

/// Throws UnwritableOutput unless a file can be written at `path` that is not the experiment's.
void check_output(const std::string& path, const Experiment& experiment);

/// How a run ended.
struct RunOutcome {
  StopReason reason = StopReason::reached_end;
  double tau = 0.0;
  double seconds = 0.0;
  nlohmann::json counts;  ///< steps and the like, for --json
};

/// Results with everything but the snapshots filled in.
Results results_of(const Experiment& experiment, const std::string& kind, StopReason reason,
                   const std::string& command_line);

/// Writes, prints, and returns the exit status.
int finish(const RunArguments& arguments, const Results& results, const RunOutcome& outcome);

}  // namespace popflow
