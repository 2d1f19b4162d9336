#include "popflow/dynamics/fixed_point.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <Eigen/LU>
#include <fmt/core.h>

#include "popflow/dynamics/stability.hpp"

namespace popflow {

namespace {

// A step is taken when what it leaves of the implicit Euler equation, f(w + dw) - dw / dt, is at
// most this part of f: the linear equation is then a fair model of the true one. It would be if dt
// were small enough. Newton's method must reduce f. A flow along a curved valley may leave more:
// that lies in fast directions, and decays in the next step.
constexpr double most_left_by_newton = 0.5;
constexpr double most_left_by_flow = 2.0;
constexpr double reduction = 0.25;  // of dt, otherwise
constexpr int most_reductions = 30;

constexpr double epsilon = std::numeric_limits<double>::epsilon();

// Where as little is left, the next dt is at least so much longer.
constexpr double little_left = 0.1;
constexpr double growth = 4.0;

// Of the time in which the fastest direction grows e-fold: a step doubles it, as the flow would in
// 0.7 of the time.
constexpr double part_of_growth_time = 0.5;

void check_positive(double value, const char* what) {
  if (!(value > 0.0))
    throw std::invalid_argument(fmt::format("{} {}: must be positive", what, value));
}

void check(const FixedPointOptions& options) {
  check_positive(options.tolerance, "tolerance");
  check_positive(options.first_step, "first step");
  check_positive(options.null_rate, "null rate");
  if (options.step_limit < 1)
    throw std::invalid_argument(
        fmt::format("step limit {}: must be at least 1", options.step_limit));
}

class PseudoTransient {
 public:
  PseudoTransient(const detail::Rate& rate, Eigen::VectorXd& w, const FixedPointOptions& options)
      : rate_([this, &rate](const Eigen::VectorXd& at, Eigen::VectorXd& out) {
          ++result_.evaluations;
          rate(at, out);
        }),
        w_(w),
        options_(options),
        longest_(1.0 / options.null_rate),
        dt_(options.stable ? std::min(options.first_step, longest_) : longest_),
        f_(w.size()),
        next_f_(w.size()) {
    rate_(w_, f_);
    result_.residual = f_.stableNorm();
  }

  FixedPointResult run() {
    result_.reason = search();
    return result_;
  }

 private:
  SolveReason search() {
    if (!w_.allFinite() || !f_.allFinite()) return SolveReason::not_finite;
    while (result_.residual > options_.tolerance) {
      if (result_.steps == options_.step_limit) return SolveReason::step_limit;
      if (options_.interrupted && options_.interrupted()) return SolveReason::interrupted;
      const Eigen::MatrixXd J = detail::jacobian(rate_, w_, Differences::two_point, options_.scale);
      if (!J.allFinite()) return SolveReason::not_finite;
      if (options_.stable) keep_growth(J);
      if (!advance(J)) return SolveReason::stalled;
    }
    return SolveReason::converged;
  }

  // A longer step would send back to an unstable fixed point what the flow takes away from it.
  void keep_growth(const Eigen::MatrixXd& J) {
    const double fastest = largest_growth(J);
    if (fastest * dt_ > part_of_growth_time) dt_ = part_of_growth_time / fastest;
  }

  bool advance(const Eigen::MatrixXd& J) {
    for (int tries = 0; tries <= most_reductions; ++tries, dt_ *= reduction) {
      Eigen::MatrixXd A = -J;
      A.diagonal().array() += 1.0 / dt_;
      const Eigen::VectorXd dw = A.partialPivLu().solve(f_);
      const Eigen::VectorXd next = w_ + dw;
      if (dw.stableNorm() <= epsilon * w_.stableNorm()) return false;
      if (!next.allFinite()) continue;
      rate_(next, next_f_);
      const double left = (next_f_ - dw / dt_).stableNorm() / result_.residual;
      if (left <= (options_.stable ? most_left_by_flow : most_left_by_newton)) {
        accept(next, left);
        return true;
      }
    }
    return false;
  }

  void accept(const Eigen::VectorXd& next, double left) {
    ++result_.steps;
    w_ = next;
    f_.swap(next_f_);
    const double residual = f_.stableNorm();
    const double least = left <= little_left ? growth : 1.0;
    dt_ = std::min(dt_ * std::max(result_.residual / residual, least), longest_);
    result_.residual = residual;
  }

  detail::Rate rate_;
  Eigen::VectorXd& w_;
  const FixedPointOptions& options_;
  double longest_, dt_;
  FixedPointResult result_;
  Eigen::VectorXd f_, next_f_;
};

}  // namespace

std::string_view name(SolveReason reason) {
  switch (reason) {
    case SolveReason::converged:
      return "converged";
    case SolveReason::step_limit:
      return "step_limit";
    case SolveReason::stalled:
      return "stalled";
    case SolveReason::interrupted:
      return "interrupted";
    case SolveReason::not_finite:
      return "not_finite";
  }
  throw std::invalid_argument("solve reason: not one of the enumerators");
}

FixedPointResult detail::find_fixed_point(const Rate& rate, Eigen::VectorXd& w,
                                          const FixedPointOptions& options) {
  check(options);
  return PseudoTransient(rate, w, options).run();
}

}  // namespace popflow
