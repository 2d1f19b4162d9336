#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <string_view>
#include <type_traits>
#include <vector>

#include "popflow/dynamics/fixed_point.hpp"
#include "popflow/dynamics/stability.hpp"

namespace popflow {

/// The type of the states of a family of flows: family(p) is a flow for every value of one
/// parameter, all with the same states.
template <class T>
using FamilyState = StateOf<std::invoke_result_t<T&, double>>;

/// How closely, and in which steps, a branch is followed.
struct ContinuationOptions {
  double tolerance = 1e-12;  ///< of every point, as FixedPointOptions has it
  double null_rate = 1e-8;   ///< the same; growth beyond it counts as unstable
  double scale = 1.0;        ///< as `jacobian` takes it; also of the parameter

  /// Steps of arclength, sqrt(|dw|^2 + dp^2): the first one, and the bounds of the later ones,
  /// which adapt. 0 < smallest <= first <= largest.
  double first_step = 0.01;
  double smallest_step = 1e-6;
  double largest_step = 0.1;

  int step_limit = 1000;  ///< largest number of accepted steps; >= 1
  int fold_limit = 0;     ///< stop at this many folds; 0: never

  /// Called before every step; if it returns true, the branch ends as interrupted. May be empty.
  std::function<bool()> interrupted = {};
};

/// Why a branch ended.
enum class BranchEnd {
  reached_end,  ///< the parameter asked for
  returned,     ///< behind a fold, to the parameter it started from
  fold,         ///< options.fold_limit folds
  step_limit,   ///< options.step_limit steps
  stalled,      ///< no step of at least options.smallest_step leads on, or a fold is not located
  no_start,     ///< no fixed point was found at the start: the branch is empty
  interrupted,  ///< asked to stop
  stopped,      ///< by its observer
};

/// The enumerator's own name, for results and messages: "reached_end", ...
std::string_view name(BranchEnd end);

/// The kind of a point of a branch. At a fold and at a pitchfork the parameter turns round: dp = 0
/// along the branch, to 1e-5 of its length.
enum class PointKind {
  regular,
  fold,       ///< no fixed points near it beyond its parameter
  pitchfork,  ///< another branch crosses here; this one goes on to its own mirror image
  end,        ///< at the parameter where it ends
};

/// The enumerator's own name, for results and messages: "regular", ...
std::string_view name(PointKind kind);

/// The parameter at which a branch starts, and towards which it is followed.
struct ParameterRange {
  double from, to;
};

/// A fixed point on a branch.
template <class State>
struct BranchPoint {
  double parameter;
  State w;
  double residual;         ///< |flow(w)|
  Eigen::VectorXd growth;  ///< Stability::growth
  int unstable;            ///< Stability::unstable, of the options' null_rate
  PointKind kind;
};

/// Fixed points along a parameter.
template <class State>
struct Branch {
  BranchEnd end = BranchEnd::reached_end;
  std::vector<BranchPoint<State>> points;  ///< in order; the first is the start
};

/// observe(point), which may return bool: true stops the branch there.
template <class T, class State>
concept BranchObserver = std::invocable < T&,
        const BranchPoint<State>
& > ;

namespace detail {

using RateFamily = std::function<Rate(double)>;
using VectorPoint = BranchPoint<Eigen::VectorXd>;

/// Throws std::invalid_argument for bounds or options outside their ranges.
void check_branch(const ParameterRange& range, const ContinuationOptions& options);

/// Calls observe(point) for every point; if it returns true, the branch stops.
BranchEnd follow_branch(const RateFamily& family, const Eigen::VectorXd& w,
                        const ParameterRange& range,
                        const std::function<bool(VectorPoint)>& observe,
                        const ContinuationOptions& options);

}  // namespace detail

/// Follows the branch of fixed points from one near `w`, at the parameter range.from, towards
/// range.to. The method is pseudo-arclength continuation [Keller1977]: from a point x = (w, p) with
/// the unit tangent t, a step s leads to the solution of
///
///     flow_p(w) = 0,      t . (x' - x) = s                                          (Eq. 96)
///
/// near x + s t, which Newton's method finds without moving along translations. The branch passes
/// folds, where p turns round. Folds are located, and are points of the branch. So are pitchforks,
/// where p turns round too: the branch breaks a symmetry of the flow, meets the branch of symmetric
/// states, and goes on to its own mirror image. The sign of det(df/dw, df/dp; t) changes there, but
/// not at a fold. On the branch of symmetric states nothing turns round, and no pitchfork is
/// reported. The branch ends at range.to, or where it comes back to range.from; both are met
/// exactly.
///
/// Both directions of a branch lead from a fold to the same side of it. A branch that starts
/// exactly at a fold takes one of them, and returns at once if range.to is on the other side. It
/// stalls if translations keep its direction from being found.
///
/// If `unstable` changes between two points, neither of which is a fold or a pitchfork, another
/// branch crosses there, or a pair of growth rates crosses zero with a frequency.
///
/// observe(point) is called at every point as soon as it is found, and may stop the branch. A
/// branch has some hundreds of points, and each takes some calls of family. A Newton step takes 2
/// dimension() evaluations, a point 4 dimension() more. Exceptions of family and observe pass
/// through. Throws std::invalid_argument for a state of another flow, for from = to, and for
/// options outside their ranges. Example:
///
///     const auto flow = [&](double b) { return QuarticFlow(task, {Erf{}, b}, loss, kappa); };
///     for (const auto& point : follow_branch(flow, u, {-1.0, -0.5}).points)
///       if (point.kind != PointKind::regular) std::cout << name(point.kind) << point.parameter;
template <class Family, BranchObserver<FamilyState<Family>> Observe = NoObserver>
Branch<FamilyState<Family>> follow_branch(Family&& family, const FamilyState<Family>& w,
                                          const ParameterRange& range, Observe&& observe = {},
                                          const ContinuationOptions& options = {}) {
  using F = std::remove_cvref_t<decltype(family(range.from))>;
  const auto flow_at = [&family](double parameter) {
    return std::make_shared<F>(family(parameter));
  };
  const auto rate = [&](double parameter) -> detail::Rate {
    const auto flow = flow_at(parameter);
    detail::values_of(*flow, w);  // throws for a state of another flow
    return [flow, at = detail::timed_rate(*flow)](const Eigen::VectorXd& x, Eigen::VectorXd& dxdt) {
      at(x, dxdt, 0.0);
    };
  };
  detail::check_branch(range, options);
  const auto start = flow_at(range.from);
  Branch<StateOf<F>> branch;
  const auto take = [&](detail::VectorPoint p) {
    branch.points.push_back({p.parameter, detail::state_of(*start, std::move(p.w)), p.residual,
                             std::move(p.growth), p.unstable, p.kind});
    return detail::stops(observe, branch.points.back());
  };
  branch.end = detail::follow_branch(rate, detail::values_of(*start, w), range, take, options);
  return branch;
}

template <class Family>
Branch<FamilyState<Family>> follow_branch(Family&& family, const FamilyState<Family>& w,
                                          const ParameterRange& range,
                                          const ContinuationOptions& options) {
  return follow_branch(family, w, range, NoObserver{}, options);
}

}  // namespace popflow
