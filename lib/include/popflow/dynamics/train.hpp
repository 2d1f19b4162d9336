#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <utility>

#include "popflow/dynamics/schedule.hpp"
#include "popflow/dynamics/stop_reason.hpp"
#include "popflow/training/sgd.hpp"

namespace popflow {

struct TrainingOptions {
  double learning_rate = 0.05;  ///< of one step, positive
  Sgd::Options sgd;
  std::function<bool()> interrupted = {};  ///< asked before every step; true stops the run
};

struct TrainingResult {
  StopReason reason;
  double tau;  ///< of the last observed weights
  std::uint64_t steps;
};

/// Trains the weights u (1 x N) of one neuron by SGD, calling observe(u, tau) at every scheduled
/// time, the first included (it is where u stands).
///
/// A step of learning rate eta advances tau by eta. All steps have the learning rate, but the last
/// one before a scheduled time is cut to meet it exactly where the interval is not a whole number
/// of them. On return u holds the last observed weights; a run that stops early has stop reason
/// not_finite or interrupted. Throws std::invalid_argument unless times increase, the learning rate
/// is positive, and u is 1 x N.
template <class Observer>
TrainingResult train(const Task& task, const Neuron& neuron, Loss loss, Weights& u,
                     std::span<const double> times, Observer&& observe,
                     const TrainingOptions& options) {
  check_schedule(times);
  if (!(options.learning_rate > 0.0) || !std::isfinite(options.learning_rate))
    throw std::invalid_argument("learning rate: must be positive and finite");
  Sgd sgd(task, neuron, loss, options.sgd);
  sgd.check_shape(u);
  TrainingResult result{StopReason::reached_end, times.front(), 0};
  Weights moving = u;
  observe(std::as_const(u), result.tau);
  for (std::size_t k = 1; k < times.size(); ++k) {
    const double interval = times[k] - times[k - 1];
    // The small allowance keeps rounding from adding a step to a whole number of them.
    const auto steps =
        static_cast<std::uint64_t>(std::ceil(interval / options.learning_rate * (1.0 - 1e-9)));
    const double last = interval - static_cast<double>(steps - 1) * options.learning_rate;
    for (std::uint64_t step = 0; step < steps; ++step) {
      if (options.interrupted && options.interrupted()) {
        result.reason = StopReason::interrupted;
        return result;
      }
      const double eta = step + 1 < steps ? options.learning_rate : last;
      moving.row(0) -= eta * sgd.gradient(moving, result.steps++).transpose();
      if (!moving.allFinite()) {
        result.reason = StopReason::not_finite;
        return result;
      }
    }
    u = moving;
    result.tau = times[k];
    observe(std::as_const(u), result.tau);
  }
  return result;
}

}  // namespace popflow
