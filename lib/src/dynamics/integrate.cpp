#include "popflow/dynamics/integrate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include <boost/numeric/odeint/stepper/controlled_runge_kutta.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta4.hpp>
#include <fmt/core.h>

#include "popflow/dynamics/schedule.hpp"

#include "dynamics/dormand_prince.hpp"

namespace popflow::detail {

namespace {

void check_positive(double value, const char* what) {
  if (!(value > 0.0) || !std::isfinite(value))
    throw std::invalid_argument(fmt::format("{} {}: must be positive and finite", what, value));
}

void check_not_negative(double value, const char* what) {
  if (!(value >= 0.0) || !std::isfinite(value))
    throw std::invalid_argument(fmt::format("{} {}: must be at least 0 and finite", what, value));
}

// Checks of the arguments of both integrations.
void check_state_and_times(Eigen::Index dimension, Eigen::Index size,
                           std::span<const double> times) {
  if (size != dimension)
    throw std::invalid_argument(
        fmt::format("state of {} entries: the flow has {}", size, dimension));
  check_schedule(times);
}

void check_options(const IntegrationOptions& options) {
  check_positive(options.absolute_tolerance, "absolute tolerance");
  check_not_negative(options.relative_tolerance, "relative tolerance");
  check_positive(options.first_step, "first step");
  check_not_negative(options.stationary_rate, "stationary rate");
  if (options.step_limit < 1) throw std::invalid_argument("step limit 0: must be at least 1");
}

void check_options(std::span<const double> times, const FixedStepOptions& options) {
  check_positive(options.step, "step");
  // A double, in which steps are counted, does not distinguish larger numbers.
  constexpr double most_steps = 1e15;
  for (std::size_t i = 1; i < times.size(); ++i)
    if (!((times[i] - times[i - 1]) / options.step <= most_steps))
      throw std::invalid_argument(
          fmt::format("step {}: must be at least {:g}, for 1e15 steps from one scheduled time to "
                      "the next",
                      options.step, (times[i] - times[i - 1]) / most_steps));
}

// The rate of a state. If the state is not finite, the rate is set to NaN and the flow is not
// called.
void finite_rate(const TimedRate& flow, const Eigen::VectorXd& w, Eigen::VectorXd& rate,
                 double tau) {
  if (w.allFinite())
    flow(w, rate, tau);
  else
    rate.setConstant(w.size(), std::numeric_limits<double>::quiet_NaN());
}

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
    // The size of the next step is not taken from a clipped step, which is shorter than necessary.
    step_ = clipped ? std::max(step_, proposal) : proposal;
    w_.swap(next_);
    rate_.swap(next_rate_);
  }

  using Stepper = boost::numeric::odeint::controlled_runge_kutta<DormandPrince, StepError>;

  const TimedRate& flow_;
  Eigen::VectorXd& w_;
  const IntegrationOptions& options_;
  Stepper stepper_;
  double step_;
  Eigen::VectorXd rate_, next_, next_rate_;
  IntegrationResult result_;
};

}  // namespace

IntegrationResult integrate(Eigen::Index dimension, const TimedRate& flow, Eigen::VectorXd& w,
                            std::span<const double> times, const OnSchedule& observe,
                            const IntegrationOptions& options) {
  check_state_and_times(dimension, w.size(), times);
  check_options(options);
  Integration integration(flow, w, times.front(), options);
  if (!integration.finite()) return integration.stop(StopReason::not_finite);
  if (observe(w, times.front())) return integration.stop(StopReason::stopped);
  for (const double target : times.subspan(1)) {
    const StopReason reason = integration.advance_to(target);
    if (reason != StopReason::reached_end) return integration.stop(reason);
    if (observe(w, target)) return integration.stop(StopReason::stopped);
  }
  return integration.stop(StopReason::reached_end);
}

IntegrationResult integrate_fixed(Eigen::Index dimension, const TimedRate& flow, Eigen::VectorXd& w,
                                  std::span<const double> times, const OnSchedule& observe,
                                  const FixedStepOptions& options) {
  check_state_and_times(dimension, w.size(), times);
  check_options(times, options);
  boost::numeric::odeint::runge_kutta4<Eigen::VectorXd, double, Eigen::VectorXd, double,
                                       boost::numeric::odeint::vector_space_algebra>
      stepper;
  IntegrationResult result;
  result.tau = times.front();
  const auto counted = [&](const Eigen::VectorXd& at, Eigen::VectorXd& dwdt, double tau) {
    ++result.evaluations;
    finite_rate(flow, at, dwdt, tau);
  };
  const auto stop = [&result](StopReason reason) {
    result.reason = reason;
    return result;
  };
  Eigen::VectorXd next(w.size());
  if (!w.allFinite()) return stop(StopReason::not_finite);
  if (observe(w, times.front())) return stop(StopReason::stopped);
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
    if (observe(w, times[k])) return stop(StopReason::stopped);
  }
  return stop(StopReason::reached_end);
}

}  // namespace popflow::detail
