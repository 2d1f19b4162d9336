#pragma once

#include <vector>

#include "popflow/experiment/experiment.hpp"

namespace ledger {

/// The receptive fields at the snapshots of an experiment, each K x N.
using Fields = std::vector<popflow::Weights>;

/// The neurons of an error: all, or those that start with a negative bias.
enum class Neurons { all, negative_bias };

popflow::Weights chosen(const popflow::Experiment& experiment, const popflow::Weights& u,
                        Neurons neurons);

/// The orbit average of an experiment: mean over independent runs, and its own errors.
struct Reference {
  std::vector<double> time;
  std::vector<Fields> runs;
  Fields mean;
  double seconds = 0.0;     ///< of all runs
  double step_error = 0.0;  ///< of the fixed step, on the Gaussian flow: largest relative error
};

/// Throws std::runtime_error where a run diverges.
Reference orbit_average(const popflow::Experiment& experiment);

/// The standard error of the mean relative to its norm, at snapshot n (Eq. 26).
double standard_error(const popflow::Experiment& experiment, const Reference& reference,
                      std::size_t n, Neurons neurons);

/// |u - mean| / |mean| at snapshot n.
double relative_error(const popflow::Experiment& experiment, const Reference& reference,
                      const Fields& fields, std::size_t n, Neurons neurons);

}  // namespace ledger
