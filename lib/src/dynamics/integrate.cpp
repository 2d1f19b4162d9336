#include "popflow/dynamics/integrate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <boost/numeric/odeint/stepper/controlled_runge_kutta.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta4.hpp>

#include "popflow/dynamics/schedule.hpp"

#include "dynamics/dormand_prince.hpp"
#include "input/check_number.hpp"

namespace popflow::detail {

namespace {

void check_options(const IntegrationOptions& options) {
  check_positive("absolute tolerance", options.absolute_tolerance);
  check_not_negative("relative tolerance", options.relative_tolerance);
  check_positive("first step", options.first_step);
  check_not_negative("stationary rate", options.stationary_rate);
  check_number(options.step_limit >= 1, "step limit", options.step_limit, "at least 1");
}

// The rate of a state, counted. If the state is not finite, the rate is set to NaN and the flow is
// not called.
struct CountedRate {
  const TimedRate& flow;
  std::size_t& evaluations;

  void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& rate, double tau) const {
    ++evaluations;
    if (w.allFinite())
      flow(w, rate, tau);
    else
      rate.setConstant(w.size(), std::numeric_limits<double>::quiet_NaN());
  }
};

// Odeint's error checker, with three differences from its default. The norm is Euclidean: a shift
// or reflection of the lattice does not change it, so that equivalent initial states take the same
// steps to rounding. An error that is not finite counts as infinite; the default would accept it.
// No work array is allocated.
struct StepError {
  double absolute_tolerance;
  double relative_tolerance;

  // Stable norms are used because the square of a diverging state overflows long before the state
  // itself.
  template <class Algebra>
  double error(Algebra&, const Eigen::VectorXd& w, const Eigen::VectorXd&,
               const Eigen::VectorXd& estimate, double) const {
    const double ratio =
        estimate.stableNorm() / (absolute_tolerance + relative_tolerance * w.stableNorm());
    return std::isfinite(ratio) ? ratio : std::numeric_limits<double>::infinity();
  }
};

// One integration under way: state, its rate, and the step to try next.
class Integration {
 public:
  Integration(const TimedRate& flow, Eigen::VectorXd& w, double tau,
              const IntegrationOptions& options)
      : flow_{flow, result_.evaluations},
        w_(w),
        options_(options),
        stepper_(StepError{options.absolute_tolerance, options.relative_tolerance}),
        step_(options.first_step),
        rate_(w.size()),
        next_(w.size()),
        next_rate_(w.size()) {
    result_.tau = tau;
    flow_(w_, rate_, tau);
  }

  bool finite() const { return w_.allFinite() && rate_.allFinite(); }

  const IntegrationResult& result() const { return result_; }

  // Steps until tau is exactly `target` (reached_end), or until something else stops the
  // integration.
  StopReason advance_to(double target) {
    while (result_.tau < target) {
      if (options_.stationary_rate > 0.0 && rate_.stableNorm() <= options_.stationary_rate)
        return StopReason::stationary;
      if (result_.steps == options_.step_limit) return StopReason::step_limit;
      if (options_.interrupted && options_.interrupted()) return StopReason::interrupted;
      if (result_.tau + step_ == result_.tau) return StopReason::not_finite;
      try_step(target);
    }
    return StopReason::reached_end;
  }

 private:
  void try_step(double target) {
    const bool clipped = result_.tau + step_ >= target;
    const double tried = clipped ? target - result_.tau : step_;
    double tau = result_.tau, proposal = tried;
    const auto outcome = stepper_.try_step(flow_, w_, rate_, tau, next_, next_rate_, proposal);
    if (outcome == boost::numeric::odeint::fail || !next_.allFinite()) {
      ++result_.rejected;
      // Odeint also reduces a rejected step to a fifth at most.
      step_ = proposal < tried ? proposal : tried / 5.0;
      return;
    }
    ++result_.steps;
    result_.tau = clipped ? target : tau;
    // The size of the next step is not taken from a clipped step, which is shorter than necessary.
    step_ = clipped ? std::max(step_, proposal) : proposal;
    w_.swap(next_);
    rate_.swap(next_rate_);
  }

  using Stepper = boost::numeric::odeint::controlled_runge_kutta<DormandPrince, StepError>;

  IntegrationResult result_;
  CountedRate flow_;
  Eigen::VectorXd& w_;
  const IntegrationOptions& options_;
  Stepper stepper_;
  double step_;
  Eigen::VectorXd rate_, next_, next_rate_;
};

// Observes the state at all times, between which advance_to(time) moves it, and says why it
// stopped.
template <class AdvanceTo>
StopReason follow_schedule(std::span<const double> times, const Eigen::VectorXd& w,
                           const OnSchedule& observe, const AdvanceTo& advance_to) {
  if (observe(w, times.front())) return StopReason::stopped;
  for (const double target : times.subspan(1)) {
    const StopReason reason = advance_to(target);
    if (reason != StopReason::reached_end) return reason;
    if (observe(w, target)) return StopReason::stopped;
  }
  return StopReason::reached_end;
}

}  // namespace

IntegrationResult integrate(const TimedRate& flow, Eigen::VectorXd& w,
                            std::span<const double> times, const OnSchedule& observe,
                            const IntegrationOptions& options) {
  check_schedule(times);
  check_options(options);
  Integration integration(flow, w, times.front(), options);
  const auto advance_to = [&](double target) { return integration.advance_to(target); };
  const StopReason reason = integration.finite() ? follow_schedule(times, w, observe, advance_to)
                                                 : StopReason::not_finite;
  IntegrationResult result = integration.result();
  result.reason = reason;
  return result;
}

IntegrationResult integrate_fixed(const TimedRate& flow, Eigen::VectorXd& w,
                                  std::span<const double> times, const OnSchedule& observe,
                                  const FixedStepOptions& options) {
  check_schedule(times);
  check_positive("step", options.step);
  check_steps(times, "step", options.step);
  boost::numeric::odeint::runge_kutta4<Eigen::VectorXd, double, Eigen::VectorXd, double,
                                       boost::numeric::odeint::vector_space_algebra>
      stepper;
  IntegrationResult result;
  result.tau = times.front();
  Eigen::VectorXd next(w.size());
  const auto advance_to = [&](double target) {
    const double from = result.tau, interval = target - from;
    const auto steps = static_cast<double>(steps_between(from, target, options.step));
    for (double step = 0.0; step < steps; ++step) {
      if (options.interrupted && options.interrupted()) return StopReason::interrupted;
      stepper.do_step(CountedRate{flow, result.evaluations}, w, result.tau, next, interval / steps);
      if (!next.allFinite()) return StopReason::not_finite;
      w = next;
      ++result.steps;
      result.tau = step + 1.0 < steps ? from + interval * (step + 1.0) / steps : target;
    }
    return StopReason::reached_end;
  };
  result.reason =
      w.allFinite() ? follow_schedule(times, w, observe, advance_to) : StopReason::not_finite;
  return result;
}

}  // namespace popflow::detail
