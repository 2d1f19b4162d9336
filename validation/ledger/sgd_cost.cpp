#include "sgd_cost.hpp"

#include <algorithm>
#include <cmath>

#include "popflow/dynamics/train.hpp"

#include "rungs.hpp"

namespace ledger {

namespace {

using namespace popflow;

// Independent runs that an error is the mean square of: it is known to a quarter or so.
constexpr int runs = 4;

Fields trained(const Experiment& experiment, double learning_rate, int batch, int run) {
  Parameters parameters = initial_parameters(experiment);
  Fields fields;
  train(experiment.task, network_of(experiment), parameters, snapshot_times(flow_spec(experiment)),
        [&fields](const Parameters& now, double) { fields.push_back(now.first()); },
        {.learning_rate = learning_rate,
         .learning = experiment.network.learning,
         .precision = Precision::single_precision,
         .schedule = {
             .batch = batch, .seed = experiment.seed, .run = static_cast<std::uint32_t>(run)}});
  return fields;
}

SgdPoint measured(const Experiment& experiment, const Reference& reference, double learning_rate,
                  int batch) {
  SgdPoint point{learning_rate, batch, 0.0, 0.0};
  double squares = 0.0;
  const Stopwatch stopwatch;
  std::vector<Fields> all;
  for (int run = 0; run < runs; ++run)
    all.push_back(trained(experiment, learning_rate, batch, run));
  point.seconds = stopwatch.seconds() / runs;
  for (const Fields& fields : all) {
    double worst = 0.0;
    for (std::size_t n = 1; n < fields.size(); ++n)
      worst = std::max(worst, relative_error(experiment, reference, fields, n, Neurons::all));
    squares += worst * worst / runs;
  }
  point.error = std::sqrt(squares);
  return point;
}

}  // namespace

std::vector<SgdPoint> sgd_points(const Experiment& experiment, const Reference& reference,
                                 bool smoke) {
  const std::vector<double> rates = smoke ? std::vector{0.1} : std::vector{0.4, 0.2, 0.1};
  const std::vector<int> batches =
      smoke ? std::vector{100, 1000} : std::vector{1600, 6400, 25600, 102400};
  std::vector<SgdPoint> points;
  for (const double rate : rates)
    for (const int batch : batches) points.push_back(measured(experiment, reference, rate, batch));
  return points;
}

std::optional<double> cheapest(const std::vector<SgdPoint>& points, double error) {
  std::optional<double> least;
  const auto offer = [&least](double seconds) {
    least = std::min(least.value_or(seconds), seconds);
  };
  for (std::size_t k = 0; k < points.size(); ++k) {
    const SgdPoint& after = points[k];
    if (after.error > error) continue;
    offer(after.seconds);
    if (k == 0 || points[k - 1].learning_rate != after.learning_rate) continue;
    const SgdPoint& before = points[k - 1];
    if (before.error <= error) continue;
    const double share = std::log(before.error / error) / std::log(before.error / after.error);
    offer(before.seconds * std::pow(after.seconds / before.seconds, share));
  }
  return least;
}

}  // namespace ledger
