#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <utility>

#include <Eigen/Core>
#include <boost/numeric/odeint/algebra/vector_space_algebra.hpp>
#include <boost/numeric/odeint/external/eigen/eigen_resize.hpp>
#include <boost/numeric/odeint/stepper/controlled_runge_kutta.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_dopri5.hpp>

#include "popflow/dynamics/schedule.hpp"
#include "popflow/dynamics/stop_reason.hpp"
#include "popflow/flow/flow.hpp"

namespace popflow {

/// How accurately a flow is integrated, and when it may stop early.
struct IntegrationOptions {
  /// A step is accepted when the Euclidean norm of its estimated error is at most
  /// absolute_tolerance + relative_tolerance |w|. The error at the end is proportional to the
  /// tolerance. absolute_tolerance > 0, in units of the state; relative_tolerance >= 0.
  double absolute_tolerance = 1e-10;
  double relative_tolerance = 1e-8;

  /// The step tried first, in units of tau; > 0. A poor guess costs a few steps.
  double first_step = 1e-3;

  /// Largest number of accepted steps; >= 1.
  std::size_t step_limit = 1'000'000;

  /// Stop as stationary once no entry of |dw/dtau| exceeds this; 0 is never. The error that a step
  /// may make keeps the rate at a fixed point from falling below about the tolerance times the
  /// fastest decay rate: choose it well above that.
  double stationary_rate = 0.0;

  /// Asked before every step; true stops as interrupted. Empty is never.
  std::function<bool()> interrupted = {};
};

/// How an integration ended, and what it took.
struct IntegrationResult {
  StopReason reason = StopReason::reached_end;
  double tau = 0.0;             ///< time of the state left in w
  std::size_t steps = 0;        ///< accepted
  std::size_t rejected = 0;     ///< tried again with a smaller step
  std::size_t evaluations = 0;  ///< calls of the flow: 1 + 6 (steps + rejected)
};

/// Boost.Odeint's Dormand-Prince 5(4) step (Dormand & Prince 1980) on Eigen vectors.
///
/// Odeint needs eigen_resize.hpp to size its work arrays: without it, steps on an Eigen vector
/// compile, and leave the state as it was or crash. The vector-space algebra works on whole
/// vectors, without temporaries. Odeint's eigen.hpp would bring both, but also adds operators to
/// namespace Eigen, such as vector + number, for everybody who includes it.
using DormandPrince =
    boost::numeric::odeint::runge_kutta_dopri5<Eigen::VectorXd, double, Eigen::VectorXd, double,
                                               boost::numeric::odeint::vector_space_algebra>;

namespace detail {

/// The rate of a state; not finite where the state is not, of which no flow is asked.
template <Flow F>
void finite_rate(F& flow, const Eigen::VectorXd& w, Eigen::VectorXd& rate, double tau) {
  if (w.allFinite())
    flow(w, rate, tau);
  else
    rate.setConstant(w.size(), std::numeric_limits<double>::quiet_NaN());
}

/// Odeint's error checker, with three differences from its default: the norm is Euclidean, which a
/// shift or reflection of the lattice leaves alone in real and in Fourier space, so that equivalent
/// initial states take the same steps but for rounding; an error that is not finite counts as
/// infinite, where the default would accept it; and no work array is allocated.
struct StepError {
  double absolute_tolerance;
  double relative_tolerance;

  // Stable norms, because a diverging state would overflow in its square long before itself.
  template <class Algebra>
  double error(Algebra&, const Eigen::VectorXd& w, const Eigen::VectorXd&,
               const Eigen::VectorXd& estimate, double) const {
    const double ratio =
        estimate.stableNorm() / (absolute_tolerance + relative_tolerance * w.stableNorm());
    return std::isfinite(ratio) ? ratio : std::numeric_limits<double>::infinity();
  }
};

/// One integration under way: state, its rate, and the step to try next.
template <Flow F>
class Integration {
 public:
  Integration(F& flow, Eigen::VectorXd& w, double tau, const IntegrationOptions& options)
      : flow_(flow),
        w_(w),
        options_(options),
        stepper_(StepError{options.absolute_tolerance, options.relative_tolerance}),
        step_(options.first_step),
        rate_(w.size()),
        next_(w.size()),
        next_rate_(w.size()) {
    result_.tau = tau;
    evaluate(w_, rate_, tau);
  }

  bool finite() const { return w_.allFinite() && rate_.allFinite(); }

  const IntegrationResult& stop(StopReason reason) {
    result_.reason = reason;
    return result_;
  }

  /// Steps until tau = target exactly, which is called reached_end, or something else stops it.
  StopReason advance_to(double target) {
    while (result_.tau < target) {
      if (options_.stationary_rate > 0.0 &&
          rate_.lpNorm<Eigen::Infinity>() <= options_.stationary_rate)
        return StopReason::stationary;
      if (result_.steps == options_.step_limit) return StopReason::step_limit;
      if (options_.interrupted && options_.interrupted()) return StopReason::interrupted;
      if (result_.tau + step_ == result_.tau) return StopReason::not_finite;
      try_step(target);
    }
    return StopReason::reached_end;
  }

 private:
  void evaluate(const Eigen::VectorXd& w, Eigen::VectorXd& rate, double tau) {
    ++result_.evaluations;
    finite_rate(flow_, w, rate, tau);
  }

  void try_step(double target) {
    const auto flow = [this](const Eigen::VectorXd& w, Eigen::VectorXd& rate, double tau) {
      evaluate(w, rate, tau);
    };
    const bool clipped = result_.tau + step_ >= target;
    const double tried = clipped ? target - result_.tau : step_;
    double tau = result_.tau, proposal = tried;
    const auto outcome = stepper_.try_step(flow, w_, rate_, tau, next_, next_rate_, proposal);
    if (outcome == boost::numeric::odeint::fail || !next_.allFinite()) {
      ++result_.rejected;
      // Odeint also reduces a rejected step to a fifth at most.
      step_ = proposal < tried ? proposal : tried / 5.0;
      return;
    }
    ++result_.steps;
    result_.tau = clipped ? target : tau;
    // What followed from a clipped step says little about how long a step may be.
    step_ = clipped ? std::max(step_, proposal) : proposal;
    w_ = next_;  // copied, because views of the caller's w must stay valid
    rate_.swap(next_rate_);
  }

  using Stepper = boost::numeric::odeint::controlled_runge_kutta<DormandPrince, StepError>;

  F& flow_;
  Eigen::VectorXd& w_;
  const IntegrationOptions& options_;
  Stepper stepper_;
  double step_;
  Eigen::VectorXd rate_, next_, next_rate_;
  IntegrationResult result_;
};

/// Throws std::invalid_argument unless integrate's arguments are as it documents.
void check_integration(Eigen::Index dimension, Eigen::Index size, std::span<const double> times,
                       const IntegrationOptions& options);

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
  detail::check_integration(flow.dimension(), w.size(), times, options);
  detail::Integration<F> integration(flow, w, times.front(), options);
  if (!integration.finite()) return integration.stop(StopReason::not_finite);
  observe(std::as_const(w), times.front());
  for (const double target : times.subspan(1)) {
    const StopReason reason = integration.advance_to(target);
    if (reason != StopReason::reached_end) return integration.stop(reason);
    observe(std::as_const(w), target);
  }
  return integration.stop(StopReason::reached_end);
}

}  // namespace popflow
