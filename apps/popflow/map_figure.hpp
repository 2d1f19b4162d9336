#pragma once

#include <string>

#include "popflow/results/sweep_results.hpp"

namespace popflow {

/// The map of a sweep, and the file that holds it.
struct NamedMap {
  SweepMap map;
  std::string file;
};

/// The gnuplot script of a sweep over two axes of numbers. It draws the largest inverse
/// participation ratio of the neurons at the end as a map: the first axis to the right and the
/// second upwards. A line is the linear threshold, where the largest growth rate at the origin is
/// 0. Points that failed are hatched and have no colour; below a curve they are crosses. If `dots`
/// is not null, the points of this second sweep over the same axes are circles on the same scale. A
/// sweep over one axis is drawn as a curve. Axes whose values have equal ratios are logarithmic.
/// Throws InvalidResults for other axes.
std::string map_figure_script(const NamedMap& sweep, const NamedMap* dots,
                              const std::string& terminal, const std::string& file);

}  // namespace popflow
