#pragma once

#include <string>

namespace popflow {

/// Runs a gnuplot script. Throws std::runtime_error when gnuplot is not installed or refuses it.
void run_gnuplot(const std::string& script);

/// Text as a gnuplot string, in which nothing is special.
std::string gnuplot_string(const std::string& text);

}  // namespace popflow
