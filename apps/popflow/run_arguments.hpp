#pragma once

#include <string>

#include "popflow/run/run.hpp"

#include "arguments.hpp"
#include "progress.hpp"

namespace popflow {

/// The arguments of the verbs flow, sgd and decompose.
struct RunArguments {
  ExperimentArguments experiment;
  PrintArguments print;
  std::string output;  ///< empty: nothing is written

  void add_to(CLI::App& verb);

  /// Reads the experiment, and makes sure that the results can be written before the run starts:
  /// throws UnwritableOutput, and what provenance() throws.
  Experiment read() const;
};

/// Integrates or trains, with progress on a terminal; keeps what there is when interrupted.
RunHooks hooks_of(Progress& progress);

/// Writes, prints, and returns the exit status. `command_line` made the run, and it took `seconds`.
int finish(const RunArguments& arguments, Run run, double seconds, const std::string& command_line);

}  // namespace popflow
