#pragma once

#include <string>

namespace popflow {

/// Runs a gnuplot script, and returns what it wrote to its standard output. Throws
/// std::runtime_error, with gnuplot's own complaint, when gnuplot is not installed, refuses the
/// script, or is stopped.
std::string run_gnuplot(const std::string& script);

/// Text as a gnuplot string, in which nothing is special.
std::string gnuplot_string(const std::string& text);

}  // namespace popflow
