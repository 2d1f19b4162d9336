#pragma once

#include <vector>

#include "reference.hpp"

namespace ledger {

/// Stochastic gradient descent with one learning rate and batch: what it costs and how far it ends
/// up from the population.
struct SgdPoint {
  double learning_rate;
  int batch;
  double error;    ///< worst snapshot after the start of one run, root mean square over runs
  double seconds;  ///< of one run, on all threads, in single precision
};

/// Errors and costs over learning rates and batches. The error falls with the noise, as
/// sqrt(learning_rate / batch), until the finite step's bias, proportional to the learning rate,
/// is left.
std::vector<SgdPoint> sgd_points(const popflow::Experiment& experiment, const Reference& reference,
                                 bool smoke);

/// The least seconds with this error, over all learning rates: between two batches of one by
/// interpolation in logarithms, and beyond the largest as if all of its error were noise, which it
/// is at best.
double cheapest(const std::vector<SgdPoint>& points, double error);

}  // namespace ledger
