#pragma once

#include <array>
#include <concepts>
#include <functional>
#include <initializer_list>
#include <span>
#include <utility>
#include <vector>

#include "popflow/dynamics/flow_access.hpp"
#include "popflow/dynamics/integration_options.hpp"
#include "popflow/dynamics/trajectory.hpp"

namespace popflow {

/// Scheduled times: {0.0, 100.0}, an array, a vector or a span.
class Times {
 public:
  Times(std::initializer_list<double> times) : times_(times) {}
  Times(std::vector<double> times) : times_(std::move(times)) {}
  Times(std::span<const double> times) : times_(times.begin(), times.end()) {}
  template <std::size_t n>
  Times(const std::array<double, n>& times) : times_(times.begin(), times.end()) {}
  Times(const Eigen::VectorXd& times) : times_(times.begin(), times.end()) {}

  operator std::span<const double>() const { return times_; }

 private:
  std::vector<double> times_;
};

/// observe(state, tau), which may return bool: true stops the integration.
template <class T, class S>
concept Observer = std::invocable<T&, const S&, double>;

namespace detail {

/// Says whether to stop.
using OnSchedule = std::function<bool(const Eigen::VectorXd& w, double tau)>;

IntegrationResult integrate(const TimedRate& flow, Eigen::VectorXd& w,
                            std::span<const double> times, const OnSchedule& observe,
                            const IntegrationOptions& options);

IntegrationResult integrate_fixed(const TimedRate& flow, Eigen::VectorXd& w,
                                  std::span<const double> times, const OnSchedule& observe,
                                  const FixedStepOptions& options);

template <class Solve, class F, class Observe, class Options>
Trajectory<StateOf<F>> trajectory(const Solve& solve, F& flow, const StateOf<F>& start,
                                  const Times& times, Observe& observe, const Options& options) {
  std::vector<double> time;
  std::vector<StateOf<F>> states;
  const OnSchedule record = [&](const Eigen::VectorXd& w, double tau) {
    time.push_back(tau);
    states.push_back(state_of(flow, w));
    return stops(observe, states.back(), tau);
  };
  Eigen::VectorXd w = values_of(flow, start);
  const IntegrationResult end = solve(timed_rate(flow), w, times, record, options);
  return {std::move(time), std::move(states), state_of(flow, std::move(w)), end};
}

}  // namespace detail

/// Integrates dw/dtau = flow(w, tau) from `start` at the first of `times`, with error control.
/// Returns the states at all times that are reached, the first included, and calls
/// observe(state, tau) at each; if this returns true, the integration stops there. The steps are
/// cut to end at the scheduled times, so that the states have the accuracy of the steps.
///
///     const auto run = integrate(flow, flow.state(weights), {0.0, 50.0, 100.0});
///     if (run.end.reason == StopReason::reached_end) use(flow.weights(run.last));
///
/// `start` is a state of the flow: for a flow of one's own, flow.dimension() entries. Stop reasons:
///
///   reached_end  the last of `times` was reached
///   stationary   |dw/dtau| (Euclidean) is at most options.stationary_rate
///   step_limit   options.step_limit steps were taken
///   not_finite   the initial state or rate is not finite (then there are no states), or no step
///                that still changes tau leads to a finite state and rate within the tolerance: so
///                ends a state that diverges in finite time. `last` is the last finite state
///   interrupted  options.interrupted() returned true
///   stopped      the observer returned true
///
/// Nothing but the states is allocated after the first step. Exceptions of flow and observe pass
/// through. Throws std::invalid_argument if `times` is empty, not finite or not increasing, for a
/// state of another flow, and for options outside their ranges.
template <class F, Observer<StateOf<F>> Observe = NoObserver>
Trajectory<StateOf<F>> integrate(F&& flow, const StateOf<F>& start, const Times& times,
                                 Observe&& observe = {}, const IntegrationOptions& options = {}) {
  return detail::trajectory(detail::integrate, flow, start, times, observe, options);
}

template <class F>
Trajectory<StateOf<F>> integrate(F&& flow, const StateOf<F>& start, const Times& times,
                                 const IntegrationOptions& options) {
  return integrate(flow, start, times, NoObserver{}, options);
}

/// Integrates dw/dtau = flow(w, tau) by the classical fourth-order Runge-Kutta method. It is meant
/// for flows with noise, whose error cannot be controlled. Between two scheduled times all steps
/// have the same length, at most options.step. Otherwise it works as integrate. Stop reasons are
/// reached_end, interrupted, stopped, and not_finite if the initial state or the state after a step
/// is not finite.
template <class F, Observer<StateOf<F>> Observe = NoObserver>
Trajectory<StateOf<F>> integrate_fixed(F&& flow, const StateOf<F>& start, const Times& times,
                                       Observe&& observe = {},
                                       const FixedStepOptions& options = {}) {
  return detail::trajectory(detail::integrate_fixed, flow, start, times, observe, options);
}

template <class F>
Trajectory<StateOf<F>> integrate_fixed(F&& flow, const StateOf<F>& start, const Times& times,
                                       const FixedStepOptions& options) {
  return integrate_fixed(flow, start, times, NoObserver{}, options);
}

}  // namespace popflow
