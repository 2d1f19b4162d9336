#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "popflow/experiment/experiment.hpp"

namespace popflow {

/// How a verb prints: --json, --quiet.
struct PrintArguments {
  bool json = false;
  bool quiet = false;

  void add_to(CLI::App& verb);

  /// Whether a person reads what is printed.
  bool human() const { return !json && !quiet; }
};

/// "" for the name of a file or folder, or else what is wrong: an unset variable of a shell leaves
/// an empty word, which would mean that nothing is asked for.
std::string named(const std::string& text);

/// EXPERIMENT and --set KEY=VALUE.
struct ExperimentArguments {
  std::string file;
  std::vector<std::string> overrides;

  void add_to(CLI::App& verb);
  Experiment read() const;
};

}  // namespace popflow
