#include "popflow/input/autocorrelation.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace popflow {

namespace {

double autocovariance(const Eigen::VectorXd& fluctuation, Eigen::Index lag) {
  const Eigen::Index pairs = fluctuation.size() - lag;
  return fluctuation.head(pairs).dot(fluctuation.tail(pairs)) / static_cast<double>(pairs);
}

// Whether the lags that a window leaves off weigh less than the noise of those in it (Eq. 113).
bool is_wide_enough(int window, double time, double samples) {
  if (time <= 0.5) return true;
  const double decay = 1.5 / std::log((2.0 * time + 1.0) / (2.0 * time - 1.0));
  return std::exp(-window / decay) < decay / std::sqrt(window * samples);
}

}  // namespace

AutocorrelationTime autocorrelation_time(const Eigen::Ref<const Eigen::VectorXd>& series) {
  if (series.size() == 0)
    throw std::invalid_argument("autocorrelation time of an empty series: at least 1 value");
  const auto samples = static_cast<double>(series.size());
  const double largest = series.cwiseAbs().maxCoeff();
  Eigen::VectorXd fluctuation = series / (largest > 0.0 ? largest : 1.0);  // squares are numbers
  fluctuation.array() -= fluctuation.mean();
  const double variance = autocovariance(fluctuation, 0);
  const int widest = static_cast<int>(series.size() / 2);
  double time = 0.5;
  int window = 0;
  // The mean of equal values may be off by a rounding, which is not a variance.
  constexpr double rounding = 1e-14;
  if (variance > rounding * rounding)
    while (window < widest) {
      time += autocovariance(fluctuation, ++window) / variance;
      if (is_wide_enough(window, time, samples)) break;
    }
  // Every autocovariance around the mean of the series itself is low by var 2 tau / P.
  time *= (1.0 + (2.0 * window + 1.0) / samples) / (1.0 + 2.0 * time / samples);
  const double error =
      2.0 * std::abs(time) * std::sqrt(std::max(window + 0.5 - time, 0.0) / samples);
  return {time, error, window};
}

}  // namespace popflow
