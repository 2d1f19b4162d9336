#pragma once

#include <string>

#include "popflow/results/sweep_results.hpp"

namespace popflow {

/// The gnuplot script of a sweep over two axes of numbers: the largest inverse participation ratio
/// of its neurons at the end as a map, the first axis to the right and the second upwards, and the
/// linear threshold, where the largest growth rate at the origin is 0, as a line. Points that
/// failed have no colour but are hatched, or are crosses below a curve. The points of `dots`,
/// another sweep over the same axes, are drawn as circles on the same scale; it may be null. A
/// sweep over one axis is drawn as a curve. Axes whose values have equal ratios are logarithmic.
/// Throws InvalidResults for other axes; `name` and `dots_name` are the files'.
std::string map_figure_script(const SweepMap& map, const std::string& name, const SweepMap* dots,
                              const std::string& dots_name, const std::string& terminal,
                              const std::string& file);

}  // namespace popflow
