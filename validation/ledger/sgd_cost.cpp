#include "sgd_cost.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "popflow/dynamics/train.hpp"

#include "closures.hpp"

namespace ledger {

namespace {

using namespace popflow;

// Independent runs that an error is the mean square of: it is known to a quarter or so.
constexpr int runs = 4;

Fields trained(const Experiment& experiment, double learning_rate, int batch, int run) {
  Parameters parameters = initial_parameters(experiment);
  Fields fields;
  train({experiment.task,
         network_of(experiment),
         {.learning_rate = learning_rate,
          .learning = experiment.network.learning,
          .precision = Precision::single_precision,
          .schedule = {.batch = batch,
                       .seed = experiment.seed,
                       .run = static_cast<std::uint32_t>(run)}}},
        parameters, snapshot_times(flow_spec(experiment)),
        [&fields](const Parameters& now, double) { fields.push_back(now.first()); });
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

double cheapest(const std::vector<SgdPoint>& points, double error) {
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < points.size(); ++k) {
    const SgdPoint& point = points[k];
    const bool last = k + 1 == points.size() || points[k + 1].learning_rate != point.learning_rate;
    if (point.error <= error) {
      least = std::min(least, point.seconds);
    } else if (last) {
      least = std::min(least, point.seconds * std::pow(point.error / error, 2.0));
    } else if (points[k + 1].error <= error) {
      const SgdPoint& next = points[k + 1];
      const double share = std::log(point.error / error) / std::log(point.error / next.error);
      least = std::min(least, point.seconds * std::pow(next.seconds / point.seconds, share));
    }
  }
  return least;
}

}  // namespace ledger
