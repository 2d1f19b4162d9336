#pragma once

#include <functional>
#include <string>

#include <CLI/CLI.hpp>

namespace popflow {

/// The request of the user.
struct Invocation {
  std::string command_line;
  std::function<int()> run;  ///< the chosen verb; returns the exit status, 0 or 1
};

/// Each adds one verb to the command line.
void add_init(CLI::App& app, Invocation& invocation);
void add_moments(CLI::App& app, Invocation& invocation);
void add_stability(CLI::App& app, Invocation& invocation);
void add_flow(CLI::App& app, Invocation& invocation);
void add_fixed_point(CLI::App& app, Invocation& invocation);
void add_sgd(CLI::App& app, Invocation& invocation);
void add_ladder(CLI::App& app, Invocation& invocation);
void add_compare(CLI::App& app, Invocation& invocation);
void add_decompose(CLI::App& app, Invocation& invocation);
void add_sweep(CLI::App& app, Invocation& invocation);
void add_rerun(CLI::App& app, Invocation& invocation);
void add_plot(CLI::App& app, Invocation& invocation);
void add_completion(CLI::App& app, Invocation& invocation);

}  // namespace popflow
