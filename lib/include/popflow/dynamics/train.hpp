#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <utility>

#include "popflow/dynamics/learning.hpp"
#include "popflow/dynamics/schedule.hpp"
#include "popflow/dynamics/stop_reason.hpp"
#include "popflow/training/sgd.hpp"

namespace popflow {

/// The precision in which the gradient of a minibatch is computed. Parameters and sums always have
/// double precision.
enum class Precision { single_precision, double_precision };

/// How a network is trained.
struct TrainingOptions {
  double learning_rate = 0.05;  ///< eta of the first layer, positive: a step advances tau by eta
  Learning learning = {};
  Precision precision = Precision::double_precision;
  SampleSchedule::Options schedule = {};
  SampleGradient gradient = SampleGradient::network;
  std::function<bool()> interrupted = {};  ///< asked before every step; true stops the run
};

/// The state of a training run: all that it needs to go on with the same bits.
struct TrainingState {
  Parameters parameters;
  std::uint64_t steps = 0;        ///< taken in all
  std::size_t observed = 0;       ///< how many scheduled times have been
  std::uint64_t steps_since = 0;  ///< taken since the last of those
};

/// How a training run ended.
struct TrainingResult {
  StopReason reason;
  double tau;  ///< of the last observed parameters
  std::uint64_t steps;
};

/// A task, a network, and how it is trained: train({task, network, {.learning_rate = 0.1}}, ...).
struct TrainingProblem {
  Task task;
  Network network;
  TrainingOptions options = {};
};

namespace detail {

/// Throws std::invalid_argument for options outside their ranges.
void check_training(std::span<const double> times, const TrainingState& state,
                    const TrainingOptions& options);

template <class Real, class Observer, class StepHook>
TrainingResult train_in(const TrainingProblem& problem, TrainingState& state,
                        std::span<const double> times, Observer& observe, StepHook& after_step) {
  const TrainingOptions& options = problem.options;
  Sgd<Real> sgd(problem.task, problem.network, state.parameters,
                {options.schedule, options.gradient});
  Parameters rate = state.parameters;
  if (state.observed == 0) {
    observe(std::as_const(state.parameters), times.front());
    state.observed = 1;
  }
  const auto stop = [&](StopReason reason) {
    return TrainingResult{reason, times[state.observed - 1], state.steps};
  };
  while (state.observed < times.size()) {
    const double from = times[state.observed - 1], to = times[state.observed];
    const std::uint64_t steps = steps_between(from, to, options.learning_rate);
    const double last = to - from - static_cast<double>(steps - 1) * options.learning_rate;
    while (state.steps_since < steps) {
      if (options.interrupted && options.interrupted()) return stop(StopReason::interrupted);
      const double eta = state.steps_since + 1 < steps ? options.learning_rate : last;
      parameter_rate(options.learning, state.parameters,
                     sgd.gradient(state.parameters, state.steps), rate);
      state.parameters.values += eta * rate.values;
      // Parameters that overflow only in Real would not move: a relu turns NaN into 0.
      if (!state.parameters.values.template cast<Real>().allFinite())
        return stop(StopReason::not_finite);
      ++state.steps;
      ++state.steps_since;
      after_step(std::as_const(state));
    }
    ++state.observed;
    state.steps_since = 0;
    observe(std::as_const(state.parameters), to);
  }
  return stop(StopReason::reached_end);
}

}  // namespace detail

/// Trains a network by stochastic gradient descent from `state`. Calls observe(parameters, tau) at
/// every scheduled time, and after_step(state) after every step. after_step may keep a copy of the
/// state: training from the copy goes on with the same bits.
///
/// A step of learning rate eta advances tau by eta. All steps have the same learning rate, except
/// that the last step before a scheduled time is cut to end there. The learning rate is therefore
/// at most the shortest interval (largest_learning_rate). Stop reasons are reached_end,
/// interrupted, and not_finite. After not_finite, `state` holds the parameters that are not finite,
/// or would not be in single precision. Throws std::invalid_argument for options outside their
/// ranges, for times that do not increase, and for what Sgd refuses.
template <class Observer, class StepHook>
TrainingResult train(const TrainingProblem& problem, TrainingState& state,
                     std::span<const double> times, Observer&& observe, StepHook&& after_step) {
  detail::check_training(times, state, problem.options);
  if (problem.options.precision == Precision::single_precision)
    return detail::train_in<float>(problem, state, times, observe, after_step);
  return detail::train_in<double>(problem, state, times, observe, after_step);
}

/// Trains in the same way from `parameters`, without after_step. `parameters` become those at the
/// end of the run.
template <class Observer>
TrainingResult train(const TrainingProblem& problem, Parameters& parameters,
                     std::span<const double> times, Observer&& observe) {
  TrainingState state{parameters};
  const TrainingResult result = train(problem, state, times, observe, [](const TrainingState&) {});
  parameters = state.parameters;
  return result;
}

}  // namespace popflow
