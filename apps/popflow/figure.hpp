#pragma once

#include <string>
#include <vector>

#include "popflow/lattice/torus.hpp"

namespace popflow {

/// The data of a figure for one neuron of one results file, or for one factor. An ensemble is shown
/// as the mean over its runs with its standard error; runs that differ in place or sign are aligned
/// first. Errors are empty for a single run, and times are empty for a factor.
struct Panel {
  std::string caption, subtitle;
  std::string quantity;  ///< name of the field's values: "u"
  Torus torus;
  std::vector<double> field, error;  ///< N entries
  std::vector<double> time, ipr, ipr_error;
};

/// The gnuplot script of the figure: on top the receptive fields, side by side on one scale, as
/// curves (ring) or maps (torus); below their inverse participation ratios over time, with 1/N.
/// `terminal` is gnuplot's, "svg" or "pngcairo"; all panels live on lattices of one dimension.
std::string figure_script(const std::vector<Panel>& panels, const std::string& terminal,
                          const std::string& file);

/// The panels with the weights of all factors below, by sign. If `rank_error` is not empty, the
/// error of the best fit of every rank stands beside them.
std::string factor_figure_script(const std::vector<Panel>& panels,
                                 const std::vector<double>& lambda,
                                 const std::vector<double>& rank_error, const std::string& terminal,
                                 const std::string& file);

}  // namespace popflow
