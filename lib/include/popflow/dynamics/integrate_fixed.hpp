#pragma once

#include <cmath>
#include <functional>

#include <boost/numeric/odeint/stepper/runge_kutta4.hpp>

#include "popflow/dynamics/integrate.hpp"

namespace popflow {

/// Steps of the integration with fixed ones.
struct FixedStepOptions {
  double step = 0.1;                       ///< largest length of a step, > 0
  std::function<bool()> interrupted = {};  ///< asked before every step; true stops
};

namespace detail {

/// Throws std::invalid_argument where integrate_fixed does.
void check_fixed_steps(Eigen::Index dimension, Eigen::Index size, std::span<const double> times,
                       const FixedStepOptions& options);

}  // namespace detail

/// Integrates dw/dtau = flow(w, tau) by the classical fourth-order Runge-Kutta method: for flows
/// with noise, whose error cannot be controlled. Between two scheduled times all steps are as long,
/// at most options.step. Otherwise as integrate; stop reasons are reached_end, interrupted, and
/// not_finite, which leaves the last finite state in w.
template <Flow F, std::invocable<const Eigen::VectorXd&, double> Observer>
IntegrationResult integrate_fixed(F& flow, Eigen::VectorXd& w, std::span<const double> times,
                                  Observer&& observe, const FixedStepOptions& options = {}) {
  detail::check_fixed_steps(flow.dimension(), w.size(), times, options);
  boost::numeric::odeint::runge_kutta4<Eigen::VectorXd, double, Eigen::VectorXd, double,
                                       boost::numeric::odeint::vector_space_algebra>
      stepper;
  IntegrationResult result;
  result.tau = times.front();
  const auto counted = [&](const Eigen::VectorXd& at, Eigen::VectorXd& dwdt, double tau) {
    ++result.evaluations;
    detail::finite_rate(flow, at, dwdt, tau);
  };
  const auto stop = [&result](StopReason reason) {
    result.reason = reason;
    return result;
  };
  Eigen::VectorXd next(w.size());
  if (!w.allFinite()) return stop(StopReason::not_finite);
  observe(std::as_const(w), times.front());
  for (std::size_t k = 1; k < times.size(); ++k) {
    const double interval = times[k] - times[k - 1];
    // The small allowance keeps rounding from adding a step to a whole number of them.
    const double steps = std::max(1.0, std::ceil(interval / options.step * (1.0 - 1e-9)));
    for (double step = 0.0; step < steps; ++step) {
      if (options.interrupted && options.interrupted()) return stop(StopReason::interrupted);
      stepper.do_step(counted, w, result.tau, next, interval / steps);
      if (!next.allFinite()) return stop(StopReason::not_finite);
      w = next;
      ++result.steps;
      result.tau = step + 1.0 < steps ? times[k - 1] + interval * (step + 1.0) / steps : times[k];
    }
    observe(std::as_const(w), times[k]);
  }
  return stop(StopReason::reached_end);
}

}  // namespace popflow
