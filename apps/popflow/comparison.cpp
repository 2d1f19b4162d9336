#include "comparison.hpp"

#include <algorithm>
#include <cmath>

#include "popflow/measure/alignment.hpp"
#include "popflow/measure/ensemble_mean.hpp"
#include "popflow/measure/receptive_field.hpp"

namespace popflow {

namespace {

constexpr double same_time = 1e-9;  // relative

// All runs of one snapshot.
std::vector<Weights> snapshot(const Results& results, std::size_t n) {
  std::vector<Weights> weights;
  for (const std::vector<Weights>& run : results.runs) weights.push_back(run[n]);
  return weights;
}

Size size_of(const std::vector<Weights>& weights) {
  Size sum{0.0, 0.0};
  for (const Weights& u : weights) {
    sum.norm += u.norm();
    sum.ipr += inverse_participation_ratios(u).mean();
  }
  const auto count = static_cast<double>(weights.size());
  return {sum.norm / count, sum.ipr / count};
}

std::vector<Weights> each_aligned(const FourierTransform& fourier, std::vector<Weights> weights,
                                  const Weights& target) {
  for (Weights& u : weights) u = aligned(fourier, u, target);
  return weights;
}

Distance distance(const FourierTransform& fourier, double t, const std::vector<Weights>& runs_a,
                  const std::vector<Weights>& runs_b) {
  const Weights a = ensemble_mean(runs_a).mean;
  const EnsembleMean b = ensemble_mean(runs_b);
  Distance result{t,
                  size_of(runs_a),
                  size_of(runs_b),
                  relative_error(b.mean, a),
                  {},
                  relative_error(ensemble_mean(each_aligned(fourier, runs_b, a)).mean, a)};
  if (b.variance) result.standard_error = std::sqrt(*b.variance) / a.norm();
  return result;
}

}  // namespace

std::vector<Distance> compare(const Results& a, const Results& b) {
  FourierTransform fourier(a.torus);
  std::vector<Distance> distances;
  for (std::size_t i = 0, j = 0; i < a.time.size() && j < b.time.size();) {
    const double margin = same_time * std::max(std::abs(a.time[i]), std::abs(b.time[j]));
    const double ahead = a.time[i] - b.time[j];
    if (std::abs(ahead) <= margin)
      distances.push_back(distance(fourier, a.time[i], snapshot(a, i), snapshot(b, j)));
    if (ahead <= margin) ++i;
    if (ahead >= -margin) ++j;
  }
  return distances;
}

}  // namespace popflow
