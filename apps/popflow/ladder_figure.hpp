#pragma once

#include <string>

#include "popflow/results/ladder.hpp"

namespace popflow {

/// Whether the runs of a row differ mainly in where on the lattice their receptive fields are at
/// the end: up to shift and sign the standard error is less than half as large.
bool runs_drift(const LadderRow& row);

/// The gnuplot script of a ladder's figure. Above: the error of every row over time. A band shows
/// the standard error of the population; errors below it cannot be distinguished from 0. Below: the
/// receptive fields at the end, one panel for each row. On rings they are drawn in colour over the
/// population in bold, on tori as maps with the population first. For several neurons there is one
/// line of panels each, for at most four neurons. `terminal` is gnuplot's, "svg" or "pngcairo".
std::string ladder_figure_script(const Ladder& ladder, const std::string& terminal,
                                 const std::string& file);

}  // namespace popflow
