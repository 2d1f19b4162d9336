#pragma once

#include "popflow/lattice/eigen.hpp"

namespace popflow {

/// The integrated autocorrelation time tau of a stationary series (Eq. 112), in units of its steps:
/// 1/2 for independent values. The mean of P values has the variance var 2 tau / P.
struct AutocorrelationTime {
  double time;
  double error;  ///< standard error of `time`
  int window;    ///< the largest lag summed
};

/// Estimates the time with the automatic window of [Wolff2004] (Eq. 113). The method assumes that
/// correlations are positive and fall about exponentially; it does not suit a series that
/// alternates. The error is reliable if the series is some hundred times as long as `time`. A
/// series of equal values counts as independent. Throws std::invalid_argument for an empty series.
AutocorrelationTime autocorrelation_time(const Eigen::Ref<const Eigen::VectorXd>& series);

}  // namespace popflow
