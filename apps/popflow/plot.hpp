#pragma once

#include <string>

#include "popflow/results/ladder.hpp"

namespace popflow {

/// Throws UnwritableOutput unless `output` is the name of a figure: .svg or .png.
void check_figure(const std::string& output);

/// Draws the figure of a ladder, which appears whole or not at all. Throws what run_gnuplot throws.
void draw_ladder(const Ladder& ladder, const std::string& output);

}  // namespace popflow
