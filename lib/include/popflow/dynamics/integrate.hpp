#pragma once

#include <concepts>
#include <functional>
#include <span>

#include "popflow/dynamics/integration_options.hpp"
#include "popflow/flow/flow.hpp"

namespace popflow {

namespace detail {

/// A flow of `dimension` entries and an observer, of any type: the integration itself is compiled
/// once, in the library.
using TimedRate = std::function<void(const Eigen::VectorXd& w, Eigen::VectorXd& rate, double tau)>;
using Observe = std::function<void(const Eigen::VectorXd& w, double tau)>;

IntegrationResult integrate(Eigen::Index dimension, const TimedRate& flow, Eigen::VectorXd& w,
                            std::span<const double> times, const Observe& observe,
                            const IntegrationOptions& options);

IntegrationResult integrate_fixed(Eigen::Index dimension, const TimedRate& flow, Eigen::VectorXd& w,
                                  std::span<const double> times, const Observe& observe,
                                  const FixedStepOptions& options);

}  // namespace detail

/// Integrates dw/dtau = flow(w, tau) from `w` at times.front(), with error control, and calls
/// observe(w, tau) at every scheduled time that is reached, the first included. The steps are cut
/// to end at the scheduled times, so that what is observed has the accuracy of the steps.
///
/// `w` holds flow.dimension() entries; the last accepted state, that of result.tau, is left in it.
/// Between two scheduled times that state is not observed. Stop reasons:
///
///   reached_end  times.back() was reached
///   stationary   no entry of |dw/dtau| exceeds options.stationary_rate
///   step_limit   options.step_limit steps were taken
///   not_finite   the initial state or rate is not finite (then nothing is observed), or no step
///                that still changes tau leads to a finite state and rate within the tolerance: so
///                ends a state that diverges in finite time. w keeps the last finite state
///   interrupted  options.interrupted() returned true
///
/// Allocates nothing after the first step. What flow and observe throw passes through.
/// Throws std::invalid_argument when `times` is empty, not finite or not increasing, when w has the
/// wrong size, or for options outside their ranges.
template <Flow F, std::invocable<const Eigen::VectorXd&, double> Observer>
IntegrationResult integrate(F& flow, Eigen::VectorXd& w, std::span<const double> times,
                            Observer&& observe, const IntegrationOptions& options = {}) {
  return detail::integrate(flow.dimension(), std::ref(flow), w, times, std::ref(observe), options);
}

/// Integrates dw/dtau = flow(w, tau) by the classical fourth-order Runge-Kutta method: for flows
/// with noise, whose error cannot be controlled. Between two scheduled times all steps are as long,
/// at most options.step. Otherwise as integrate; stop reasons are reached_end, interrupted, and
/// not_finite, which leaves the last finite state in w.
template <Flow F, std::invocable<const Eigen::VectorXd&, double> Observer>
IntegrationResult integrate_fixed(F& flow, Eigen::VectorXd& w, std::span<const double> times,
                                  Observer&& observe, const FixedStepOptions& options = {}) {
  return detail::integrate_fixed(flow.dimension(), std::ref(flow), w, times, std::ref(observe),
                                 options);
}

}  // namespace popflow
