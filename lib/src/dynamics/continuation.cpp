#include "popflow/dynamics/continuation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>
#include <utility>

#include <Eigen/LU>
#include <Eigen/QR>
#include <fmt/core.h>

#include "dynamics/enumerator_name.hpp"

namespace popflow {

namespace {

constexpr int most_corrections = 10;
constexpr int few_corrections = 4;   // with no more, the next step is longer
constexpr double most_turn = 0.9;    // cosine between the tangents of two points
constexpr double small_turn = 0.99;  // with no more turn, the next step is longer
constexpr double lengthening = 1.5, shortening = 0.5;
constexpr double level_slope = 1e-5;  // parameter's component of the tangent
constexpr int most_level_steps = 60;
constexpr int halvings = 40;  // of an interpolated step, from which Newton's method starts

}  // namespace

void detail::check_branch(const ParameterRange& range, const ContinuationOptions& options) {
  const auto [from, to] = range;
  if (!std::isfinite(from) || !std::isfinite(to) || from == to)
    throw std::invalid_argument(
        fmt::format("branch from {} to {}: must be finite and differ", from, to));
  if (!(options.smallest_step > 0.0 && options.smallest_step <= options.first_step &&
        options.first_step <= options.largest_step))
    throw std::invalid_argument(
        fmt::format("steps {}, {}, {}: must be positive, the smallest, the first, the largest",
                    options.smallest_step, options.first_step, options.largest_step));
  if (options.step_limit < 1 || options.fold_limit < 0)
    throw std::invalid_argument(
        fmt::format("step limit {}, fold limit {}: must be at least 1 and 0", options.step_limit,
                    options.fold_limit));
}

namespace {

// A fixed point x = (w, p) with the derivative of the flow there, n x (n + 1), and the unit
// tangent to the branch.
struct Located {
  Eigen::VectorXd x;
  double residual;
  Eigen::MatrixXd derivative;
  Eigen::VectorXd tangent;
  int corrections;

  double parameter() const { return x[x.size() - 1]; }
  double heading() const { return tangent[tangent.size() - 1]; }
};

// A point at a step from another point, and the component of its tangent along the parameter, with
// the weight of regula falsi.
struct BracketEnd {
  double step;
  Located point;
  double heading;
};

class Follower {
 public:
  Follower(const detail::RateFamily& family, Eigen::Index size, const ParameterRange& range,
           const std::function<bool(detail::VectorPoint)>& observe,
           const ContinuationOptions& options)
      : family_(family),
        size_(size),
        from_(range.from),
        to_(range.to),
        observe_(observe),
        options_(options) {}

  BranchEnd follow(const Eigen::VectorXd& w) {
    Eigen::VectorXd onwards = Eigen::VectorXd::Zero(size_ + 1);
    onwards[size_] = to_ > from_ ? 1.0 : -1.0;
    std::optional<Located> start = at_parameter(w, from_, onwards);
    if (!start) return BranchEnd::no_start;
    now_ = std::move(*start);
    now_.tangent = first_tangent(now_);
    const bool level = is_level(now_);
    heading_ = level ? 0.0 : onwards[size_];
    orientation_ = level ? 0.0 : orientation(now_);
    if (add(now_, level ? kind_of_start() : PointKind::regular)) return BranchEnd::stopped;
    return walk();
  }

 private:
  BranchEnd walk() {
    double step = options_.first_step;
    for (int steps = 0, folds = 0; steps < options_.step_limit; ++steps) {
      if (options_.interrupted && options_.interrupted()) return BranchEnd::interrupted;
      std::optional<Located> next = longest_step(step);
      if (!next) return BranchEnd::stalled;
      // Folds are looked for before the bounds, because beyond a fold the parameter does not show
      // where the branch has been.
      const bool turns = next->heading() * heading_ < 0.0;
      const double beyond = orientation(*next);
      if (turns) next = located_level(step, std::move(*next));
      if (!next) return BranchEnd::stalled;
      if (leaves(next->parameter())) return meet(*next);
      if (next->corrections <= few_corrections && next->tangent.dot(now_.tangent) >= small_turn)
        step = std::min(step * lengthening, options_.largest_step);
      now_ = std::move(*next);
      const PointKind kind = turns ? kind_between(orientation_, beyond) : PointKind::regular;
      if (add(now_, kind)) return BranchEnd::stopped;
      if (turns)
        heading_ = -heading_;
      else if (now_.heading() != 0.0)
        heading_ = std::copysign(1.0, now_.heading());
      orientation_ = beyond;
      if (kind == PointKind::fold && ++folds == options_.fold_limit) return BranchEnd::fold;
    }
    return BranchEnd::step_limit;
  }

  // Takes the longest step, at most `step`, that succeeds; `step` becomes its length.
  std::optional<Located> longest_step(double& step) const {
    for (; step >= options_.smallest_step; step *= shortening) {
      std::optional<Located> next = along(step, now_.x + step * now_.tangent, options_.tolerance);
      if (next && next->tangent.dot(now_.tangent) >= most_turn) return next;
    }
    return {};
  }

  bool leaves(double parameter) const {
    return (parameter - to_) * (to_ - from_) >= 0.0 || (parameter - from_) * (to_ - from_) <= 0.0;
  }

  static bool is_level(const Located& point) { return std::abs(point.heading()) <= level_slope; }

  // The sign of the determinant of (D; t). Along a branch it changes where another branch crosses,
  // and not at a fold, where the matrix is regular. Translations and entries that never move must
  // not change it: the null rate is subtracted from their rates, on both sides.
  double orientation(const Located& point) const {
    const auto factors = shifted(point.derivative, point.tangent).partialPivLu();
    return factors.matrixLU().diagonal().array().sign().prod() *
           static_cast<double>(factors.permutationP().determinant());
  }

  static PointKind kind_between(double before, double beyond) {
    return before * beyond < 0.0 ? PointKind::pitchfork : PointKind::fold;
  }

  // The kind of a start at which dp = 0, from a step to each side.
  PointKind kind_of_start() const {
    for (double step = options_.first_step; step >= options_.smallest_step; step *= shortening) {
      const auto before = along(-step, now_.x - step * now_.tangent, options_.tolerance),
                 beyond = along(step, now_.x + step * now_.tangent, options_.tolerance);
      if (before && beyond) return kind_between(orientation(*before), orientation(*beyond));
    }
    return PointKind::fold;
  }

  // The point at the bound that lies between this point and the next one. There is no fold between
  // them.
  BranchEnd meet(const Located& beyond) {
    const bool ahead = (beyond.parameter() - to_) * (to_ - from_) >= 0.0;
    const double bound = ahead ? to_ : from_;
    const std::optional<Located> last =
        at_parameter(interpolated(beyond, bound), bound, now_.tangent);
    if (!last) return BranchEnd::stalled;
    if (add(*last, PointKind::end)) return BranchEnd::stopped;
    return ahead ? BranchEnd::reached_end : BranchEnd::returned;
  }

  // The state at which the cubic through this point and the next one has the given parameter. Near
  // a fold, where the parameter changes with the square of the step, the secant would be far off.
  Eigen::VectorXd interpolated(const Located& beyond, double parameter) const {
    const BracketEnd near{0.0, now_, 0.0}, far{now_.tangent.dot(beyond.x - now_.x), beyond, 0.0};
    const bool rising = beyond.parameter() > now_.parameter();
    double before = 0.0, after = far.step;
    for (int k = 0; k < halvings; ++k) {
      const double middle = 0.5 * (before + after);
      const bool short_of = (interpolated(near, far, middle)[size_] < parameter) == rising;
      (short_of ? before : after) = middle;
    }
    return interpolated(near, far, 0.5 * (before + after)).head(size_);
  }

  // The point between this point and the next one at which the tangent's component along the
  // parameter vanishes, a fold or a pitchfork, by regula falsi (Illinois). At a fold D is regular.
  // Where another branch crosses, D vanishes in one direction: a residual r at a distance d makes
  // the tangent wrong by r / d^2. This sets the tolerance, and points are made as exact as
  // possible. Nothing if there is no such point.
  std::optional<Located> located_level(double step, Located beyond) const {
    BracketEnd near{0.0, now_, now_.heading()}, far{step, std::move(beyond), 0.0};
    far.heading = far.point.heading();
    for (int k = 0; k < most_level_steps && !is_level(far.point); ++k) {
      const double between =
          (near.step * far.heading - far.step * near.heading) / (far.heading - near.heading);
      std::optional<Located> trial = along(between, interpolated(near, far, between), 0.0);
      if (!trial) return {};
      const double heading = trial->heading();
      if (heading * far.heading < 0.0)
        near = std::move(far);
      else
        near.heading *= 0.5;
      far = {between, std::move(*trial), heading};
    }
    if (!is_level(far.point)) return {};
    return std::move(far.point);
  }

  // The cubic through both ends along their tangents. It is close enough to the branch that another
  // branch, which crosses nearby, does not attract Newton's method.
  Eigen::VectorXd interpolated(const BracketEnd& a, const BracketEnd& b, double step) const {
    const auto slope = [this](const BracketEnd& end) -> Eigen::VectorXd {
      return end.point.tangent / now_.tangent.dot(end.point.tangent);
    };
    const double length = b.step - a.step, y = (step - a.step) / length, z = 1.0 - y;
    return z * z * (1.0 + 2.0 * y) * a.point.x + y * y * (1.0 + 2.0 * z) * b.point.x +
           length * y * z * (z * slope(a) - y * slope(b));
  }

  std::optional<Located> at_parameter(const Eigen::VectorXd& start, double parameter,
                                      const Eigen::VectorXd& onwards) const {
    const detail::Rate rate = family_(parameter);
    Eigen::VectorXd w = start;
    const FixedPointResult found = detail::find_fixed_point(rate, w, {},
                                                            {.tolerance = options_.tolerance,
                                                             .stable = false,
                                                             .null_rate = options_.null_rate,
                                                             .scale = options_.scale});
    if (found.reason != SolveReason::converged) return {};
    Eigen::VectorXd x(size_ + 1);
    x << w, parameter;
    return located(x, found.residual, onwards, 0);
  }

  // Newton's method for (Eq. 96), from x, until |f| is at most `goal` or as small as rounding
  // allows.
  std::optional<Located> along(double step, Eigen::VectorXd x, double goal) const {
    const Eigen::VectorXd& t = now_.tangent;
    Eigen::VectorXd f(size_ + 1), last = x;
    double best = std::numeric_limits<double>::infinity();
    for (int corrections = 0; corrections <= most_corrections; ++corrections) {
      f.head(size_) = rate_at(x);
      f[size_] = t.dot(x - now_.x) - step;
      const double residual = f.head(size_).stableNorm();
      if (!(residual < best)) {
        x = last;
        break;
      }
      best = residual;
      if (residual <= goal) return located(x, residual, t, corrections);
      last = x;
      x -= shifted(derivative(x, Differences::two_point), t).partialPivLu().solve(f);
    }
    if (best > options_.tolerance) return {};
    return located(last, best, t, most_corrections);
  }

  std::optional<Located> located(const Eigen::VectorXd& x, double residual,
                                 const Eigen::VectorXd& onwards, int corrections) const {
    Eigen::MatrixXd D = derivative(x, Differences::four_point);
    if (!D.allFinite()) return {};
    const Eigen::VectorXd t = tangent(D, onwards);
    return Located{x, residual, std::move(D), t, corrections};
  }

  Eigen::VectorXd rate_at(const Eigen::VectorXd& x) const {
    Eigen::VectorXd f(size_);
    family_(x[size_])(x.head(size_), f);
    return f;
  }

  // (df/dw, df/dp) at x, n x (n + 1).
  Eigen::MatrixXd derivative(const Eigen::VectorXd& x, Differences differences) const {
    const Eigen::VectorXd w = x.head(size_);
    Eigen::MatrixXd D(size_, size_ + 1);
    D.leftCols(size_) = detail::jacobian(family_(x[size_]), w, differences, options_.scale);
    const auto along_parameter = [this, &w](double p, Eigen::VectorXd& out) { family_(p)(w, out); };
    D.col(size_) =
        detail::derivative(along_parameter, x[size_], size_, differences, options_.scale);
    return D;
  }

  // (D; last_row), which is regular at folds. The null rate is subtracted from J, so that a step
  // hardly moves along translations, or along entries that never move.
  Eigen::MatrixXd shifted(const Eigen::MatrixXd& D, const Eigen::VectorXd& last_row) const {
    Eigen::MatrixXd A(size_ + 1, size_ + 1);
    A << D, last_row.transpose();
    A.diagonal().head(size_).array() -= options_.null_rate;
    return A;
  }

  // The unit vector that D maps to 0, on the side of `onwards`. It has no part along directions
  // with singular values below the null rate, such as translations, and none along entries that
  // never move, whose rows of D vanish. It is exact also close to another branch, where D is small.
  Eigen::VectorXd tangent(const Eigen::MatrixXd& D, const Eigen::VectorXd& onwards) const {
    Eigen::MatrixXd A(size_ + 1, size_ + 1);
    A << D, onwards.transpose();
    for (Eigen::Index i = 0; i < size_; ++i)
      if (D.row(i).isZero(0.0)) A(i, i) = 1.0;
    Eigen::CompleteOrthogonalDecomposition<Eigen::MatrixXd> factors;
    factors.setThreshold(options_.null_rate / A.colwise().norm().maxCoeff());
    const Eigen::VectorXd t = factors.compute(A).solve(Eigen::VectorXd::Unit(size_ + 1, size_));
    return t.normalized();
  }

  // The tangent at the start. Exactly at a fold D leaves no part of the direction to go on, and
  // what was found is no tangent. It is then the direction that D maps to 0, if there is only one.
  Eigen::VectorXd first_tangent(const Located& start) const {
    const auto& t = start.tangent;
    if ((start.derivative * t).stableNorm() <= options_.null_rate) return t;
    const Eigen::MatrixXd rows = start.derivative.transpose();
    Eigen::ColPivHouseholderQR<Eigen::MatrixXd> factors;
    factors.setThreshold(options_.null_rate / rows.colwise().norm().maxCoeff());
    if (factors.compute(rows).rank() < size_) return t;
    return factors.householderQ() * Eigen::VectorXd::Unit(size_ + 1, size_);
  }

  // Calls the observer; returns whether it stops the branch.
  bool add(const Located& point, PointKind kind) {
    const Stability spectrum = stability(Eigen::MatrixXd(point.derivative.leftCols(size_)));
    return observe_({point.parameter(), point.x.head(size_), point.residual, spectrum.growth,
                     spectrum.unstable(options_.null_rate), kind});
  }

  const detail::RateFamily& family_;
  Eigen::Index size_;
  double from_, to_;
  const std::function<bool(detail::VectorPoint)>& observe_;
  const ContinuationOptions& options_;
  Located now_;
  // Signs of dp along the branch, and of its orientation; 0 as long as the start is level.
  double heading_ = 1.0, orientation_ = 1.0;
};

}  // namespace

std::string_view name(BranchEnd end) {
  return enumerator_name<BranchEnd::stopped>("branch end", end,
                                             {"reached_end", "returned", "fold", "step_limit",
                                              "stalled", "no_start", "interrupted", "stopped"});
}

std::string_view name(PointKind kind) {
  return enumerator_name<PointKind::end>("kind of point", kind,
                                         {"regular", "fold", "pitchfork", "end"});
}

BranchEnd detail::follow_branch(const RateFamily& family, const Eigen::VectorXd& w,
                                const ParameterRange& range,
                                const std::function<bool(VectorPoint)>& observe,
                                const ContinuationOptions& options) {
  check_branch(range, options);
  return Follower(family, w.size(), range, observe, options).follow(w);
}

}  // namespace popflow
