#include "popflow/measure/ensemble_mean.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "popflow/measure/alignment.hpp"

namespace popflow {

EnsembleMean ensemble_mean(const std::vector<Weights>& runs) {
  if (runs.empty()) throw std::invalid_argument("mean of an ensemble: needs at least one run");
  const auto R = static_cast<double>(runs.size());
  EnsembleMean result{runs.front()};
  for (std::size_t r = 1; r < runs.size(); ++r) {
    if (runs[r].rows() != result.mean.rows() || runs[r].cols() != result.mean.cols())
      throw std::invalid_argument("mean of an ensemble: all runs must have the same shape");
    result.mean += runs[r];
  }
  result.mean /= R;
  if (runs.size() < 2) return result;
  double squares = 0.0;
  for (const Weights& run : runs) squares += (run - result.mean).squaredNorm();
  result.variance = squares / (R - 1.0) / R;
  return result;
}

MeanDistance mean_distance(const EnsembleMean& a, const EnsembleMean& b) {  // (Eq. 26)
  const double distance = relative_error(a.mean, b.mean);
  const double noise = std::sqrt(a.variance.value_or(0.0) + b.variance.value_or(0.0));
  const double standard_error = noise == 0.0 ? 0.0 : noise / b.mean.norm();
  return {distance, standard_error,
          std::sqrt(std::max(0.0, (distance - standard_error) * (distance + standard_error)))};
}

}  // namespace popflow
