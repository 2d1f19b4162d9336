#include "popflow/dynamics/fixed_point.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <Eigen/LU>

#include "popflow/dynamics/stability.hpp"
#include "popflow/moments/interrupted.hpp"

#include "dynamics/enumerator_name.hpp"
#include "dynamics/lattice_motion.hpp"
#include "input/check_number.hpp"

namespace popflow {

namespace {

// A step is taken if the residual of the implicit Euler equation, f(w + dw) - dw / dt, is at most
// this part of f. The linear equation is then a good model of the flow, as it is for small dt.
// Newton's method must reduce f. A flow along a curved valley may leave a larger residual in fast
// directions; it decays in the next step.
constexpr double most_left_by_newton = 0.5;
constexpr double most_left_by_flow = 2.0;
constexpr double reduction = 0.25;  // of dt, if the step is not taken
constexpr int most_reductions = 30;

constexpr double epsilon = std::numeric_limits<double>::epsilon();

// If the residual is as small as this, the next dt is longer at least by this factor.
constexpr double little_left = 0.1;
constexpr double growth = 4.0;

// dt as a part of the time in which the fastest direction grows e-fold. A step then doubles that
// direction, as the flow does in 0.7 of this time.
constexpr double part_of_growth_time = 0.5;

// The force along a translation has the period of a site. This number of places within a site
// determines its first harmonics, which fall exponentially, and the zeros between them.
constexpr int places = 8;
constexpr int most_moves =
    3;  // to the place of rest; each leaves the pinning over the gap (Eq. 119)
constexpr int place_halvings = 40;  // of the distance between two places

void check(const FixedPointOptions& options) {
  check_positive("tolerance", options.tolerance);
  check_positive("first step", options.first_step);
  check_positive("null rate", options.null_rate);
  check_number(options.step_limit >= 1, "step limit", options.step_limit, "at least 1");
}

// The function of period 1 through its values at k / places: the trigonometric polynomial.
double periodic(const Eigen::VectorXd& values, double x) {
  constexpr int highest = places / 2;  // harmonic
  double sum = 0.0;
  for (int k = 0; k < places; ++k) {
    const double angle = 2.0 * std::numbers::pi * (x - static_cast<double>(k) / places);
    double kernel = 1.0 + std::cos(angle * highest);
    for (int m = 1; m < highest; ++m) kernel += 2.0 * std::cos(angle * m);
    sum += values[k] * kernel / places;
  }
  return sum;
}

// A zero of this function between a and b, at which it has opposite signs.
double zero_between(const Eigen::VectorXd& values, double a, double b) {
  const bool falling = periodic(values, a) > periodic(values, b);
  for (int k = 0; k < place_halvings; ++k) {
    const double middle = 0.5 * (a + b);
    ((periodic(values, middle) > 0.0) == falling ? a : b) = middle;
  }
  return 0.5 * (a + b);
}

// The zero of a velocity that is nearest to 0, within half a period. If `stable`, a zero at which
// the velocity falls, so that the motion leads there. NaN if there is none.
double nearest_rest(const Eigen::VectorXd& velocity, bool stable) {
  double nearest = std::nan("");
  for (int k = -places / 2; k < places / 2; ++k) {
    const double before = velocity[(k + places) % places],
                 after = velocity[(k + 1 + places) % places];
    const bool crosses = stable ? before > 0.0 && after <= 0.0 : (before > 0.0) != (after > 0.0);
    if (!crosses) continue;
    const double zero = zero_between(velocity, static_cast<double>(k) / places,
                                     static_cast<double>(k + 1) / places);
    if (!(std::abs(zero) >= std::abs(nearest))) nearest = zero;
  }
  return nearest;
}

class PseudoTransient {
 public:
  PseudoTransient(const detail::Rate& rate, Eigen::VectorXd& w,
                  const std::optional<detail::WeightsOnLattice>& weights,
                  const FixedPointOptions& options)
      : rate_([this, &rate](const Eigen::VectorXd& at, Eigen::VectorXd& out) {
          check_interrupted(options_.interrupted);
          ++result_.evaluations;
          rate(at, out);
        }),
        w_(w),
        options_(options),
        motion_(weights, w.size()),
        modulo_translation_(weights.has_value()),
        longest_(1.0 / options.null_rate),
        dt_(options.stable ? std::min(options.first_step, longest_) : longest_),
        next_f_(w.size()) {}

  FixedPointResult run() {
    try {
      result_.reason = search();
    } catch (const Interrupted&) {
      result_.reason = SolveReason::interrupted;
    }
    return result_;
  }

 private:
  SolveReason search() {
    start_at(w_);
    SolveReason reason = come_to_rest();
    for (int moves = 0; drifts(reason) && moves < most_moves; ++moves) {
      const bool held = move_to_rest();
      reason = come_to_rest();  // also if it is not held: another axis may have been moved
      if (!held) return drifts(reason) ? SolveReason::drifting : reason;
    }
    if (!drifts(reason) || hardly_drifts()) return reason;
    modulo_translation_ = false;
    reason = come_to_rest();
    const bool rests = result_.residual <= options_.tolerance && hardly_drifts();
    return rests ? SolveReason::converged : reason;
  }

  // Whether the search came to rest except for a translation.
  bool drifts(SolveReason reason) const {
    return reason == SolveReason::converged && modulo_translation_ &&
           result_.translation_residual > options_.tolerance;
  }
  bool hardly_drifts() const {
    return result_.drift.size() > 0 &&
           result_.drift.lpNorm<Eigen::Infinity>() <= options_.null_rate;
  }

  // The quantity that the search makes small.
  const Eigen::VectorXd& sought() const { return modulo_translation_ ? parts_.across : f_; }
  double missing() const { return sought().stableNorm(); }

  void start_at(const Eigen::VectorXd& w) {
    next_f_.setZero();
    rate_(w, next_f_);
    take(w);
  }

  // Makes w, whose rate is next_f_, the state.
  void take(const Eigen::VectorXd& w) {
    w_ = w;
    f_ = next_f_;
    parts_ = f_.allFinite() && w_.allFinite() ? motion_.split(w_, f_) : SplitRate{{}, {}, f_, 0.0};
    result_.residual = parts_.across.stableNorm();
    result_.translation_residual = parts_.along;
    result_.drift = parts_.drift;
  }

  SolveReason come_to_rest() {
    if (!w_.allFinite() || !f_.allFinite()) return SolveReason::not_finite;
    while (missing() > options_.tolerance) {
      if (result_.steps == options_.step_limit) return SolveReason::step_limit;
      const Eigen::MatrixXd J = derivative();
      if (!J.allFinite()) return SolveReason::not_finite;
      if (options_.stable) keep_growth(J);
      if (!advance(J)) return SolveReason::stalled;
    }
    return SolveReason::converged;
  }

  // The flow in the frame that moves with the state, f + D c. If the state hardly drifts, this is
  // the flow itself.
  Eigen::MatrixXd derivative() {
    if (!modulo_translation_ || hardly_drifts())
      return detail::jacobian(rate_, w_, Differences::two_point, options_.scale);
    const auto moving = [this](const Eigen::VectorXd& at, Eigen::VectorXd& out) {
      rate_(at, out);
      out += motion_.translations(at) * parts_.drift;
    };
    return detail::jacobian(moving, w_, Differences::two_point, options_.scale);
  }

  // A longer step would lead back to an unstable fixed point, from which the flow leads away.
  void keep_growth(const Eigen::MatrixXd& J) {
    const double fastest = largest_growth(without_translations(J));
    if (fastest * dt_ > part_of_growth_time) dt_ = part_of_growth_time / fastest;
  }

  // P J P, P the projection across the translations.
  Eigen::MatrixXd without_translations(const Eigen::MatrixXd& J) const {
    if (!modulo_translation_ || parts_.basis.cols() == 0) return J;
    const Eigen::MatrixXd& T = parts_.basis;
    const Eigen::MatrixXd rows = J - T * (T.transpose() * J);
    return rows - (rows * T) * T.transpose();
  }

  // (1/dt - J, T; T^T, 0) (dw; a) = (f + D c; 0), with T a basis of the translations (Eq. 118). The
  // change a of the velocity is not needed.
  Eigen::VectorXd step(const Eigen::MatrixXd& J) const {
    const Eigen::Index n = w_.size(), m = modulo_translation_ ? parts_.basis.cols() : 0;
    Eigen::MatrixXd A = Eigen::MatrixXd::Zero(n + m, n + m);
    A.topLeftCorner(n, n) = -J;
    A.diagonal().head(n).array() += 1.0 / dt_;
    A.topRightCorner(n, m) = parts_.basis.leftCols(m);
    A.bottomLeftCorner(m, n) = parts_.basis.leftCols(m).transpose();
    Eigen::VectorXd right = Eigen::VectorXd::Zero(n + m);
    right.head(n) = sought();
    return A.partialPivLu().solve(right).head(n);
  }

  bool advance(const Eigen::MatrixXd& J) {
    for (int tries = 0; tries <= most_reductions; ++tries, dt_ *= reduction) {
      const Eigen::VectorXd dw = step(J);
      const Eigen::VectorXd next = w_ + dw;
      if (dw.stableNorm() <= epsilon * w_.stableNorm()) return false;
      if (!next.allFinite()) continue;
      rate_(next, next_f_);
      const double left = left_by(next, dw) / missing();
      if (left <= (options_.stable ? most_left_by_flow : most_left_by_newton)) {
        accept(next, left);
        return true;
      }
    }
    return false;
  }

  // The residual of the implicit Euler equation.
  double left_by(const Eigen::VectorXd& next, const Eigen::VectorXd& dw) {
    if (!modulo_translation_ || !next_f_.allFinite()) return (next_f_ - dw / dt_).stableNorm();
    return (motion_.split(next, next_f_).across - dw / dt_).stableNorm();
  }

  void accept(const Eigen::VectorXd& next, double left) {
    ++result_.steps;
    const double before = missing();
    take(next);
    const double least = left <= little_left ? growth : 1.0;
    dt_ = std::min(dt_ * std::max(before / missing(), least), longest_);
    if (options_.progress) options_.progress(result_);
  }

  // Displaces the state, along every axis along which it drifts, to a place where the sites hold
  // it. Returns false if there is no such place: the velocity then has one sign over all of a site.
  bool move_to_rest() {
    for (int axis = 0; axis < motion_.axes(); ++axis) {
      const double derivative = motion_.translations(w_).col(axis).norm();
      if (std::abs(parts_.drift[axis]) * derivative <= options_.tolerance) continue;
      Eigen::VectorXd velocity(places);
      for (int k = 0; k < places; ++k)
        velocity[k] = velocity_at(axis, static_cast<double>(k) / places);
      const double rest = nearest_rest(velocity, options_.stable);
      if (std::isnan(rest)) return false;
      start_at(motion_.moved(w_, axis, rest));
    }
    return true;
  }

  // The velocity along an axis of the rigidly displaced state. For a gradient flow its mean over a
  // site is 0 (Eq. 119).
  double velocity_at(int axis, double sites) {
    const Eigen::VectorXd w = motion_.moved(w_, axis, sites);
    const Eigen::VectorXd d = motion_.translations(w).col(axis);
    Eigen::VectorXd f(w.size());
    rate_(w, f);
    return -d.dot(f) / d.squaredNorm();
  }

  detail::Rate rate_;
  Eigen::VectorXd& w_;
  const FixedPointOptions& options_;
  LatticeMotion motion_;
  bool modulo_translation_;
  double longest_, dt_;
  FixedPointResult result_;
  Eigen::VectorXd f_, next_f_;
  SplitRate parts_;
};

}  // namespace

std::string_view name(SolveReason reason) {
  return enumerator_name<SolveReason::not_finite>(
      "solve reason", reason,
      {"converged", "drifting", "step_limit", "stalled", "interrupted", "not_finite"});
}

FixedPointResult detail::find_fixed_point(const Rate& rate, Eigen::VectorXd& w,
                                          const std::optional<WeightsOnLattice>& weights,
                                          const FixedPointOptions& options) {
  check(options);
  return PseudoTransient(rate, w, weights, options).run();
}

}  // namespace popflow
