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

/// A flow for every value of one parameter: family(p), all of one dimension.
template <class T>
concept FlowFamily = requires(T& family, double parameter) {
  { family(parameter) } -> Flow;
};

/// How closely, and in which steps, a branch is followed.
struct ContinuationOptions {
  double tolerance = 1e-12;  ///< of every point, as FixedPointOptions has it
  double null_rate = 1e-8;   ///< the same; growth beyond it counts as unstable
  double scale = 1.0;        ///< as `jacobian` takes it; also of the parameter

  /// Steps of arclength, sqrt(|dw|^2 + dp^2): the first, and the bounds between which later ones
  /// adapt; 0 < smallest <= first <= largest.
  double first_step = 0.01;
  double smallest_step = 1e-6;
  double largest_step = 0.1;

  int step_limit = 1000;  ///< largest number of accepted steps; >= 1
  int fold_limit = 0;     ///< stop at this many folds; 0: never
};

/// Why a branch was followed no further.
enum class BranchEnd {
  reached_end,  ///< the parameter asked for
  returned,     ///< behind a fold, to the parameter it started from
  fold,         ///< options.fold_limit folds
  step_limit,   ///< options.step_limit steps
  stalled,      ///< no step of at least options.smallest_step leads on, or a fold is not located
  no_start,     ///< no fixed point was found at the start: the branch is empty
};

/// The enumerator's own name, for results and messages: "reached_end", ...
std::string_view name(BranchEnd end);

/// A fixed point on a branch.
struct BranchPoint {
  double parameter;
  Eigen::VectorXd w;
  double residual;         ///< |flow(w)|
  Eigen::VectorXd growth;  ///< Stability::growth
  int unstable;            ///< Stability::unstable, of the options' null_rate
  bool fold;               ///< dp = 0 along the branch, to 1e-5 of its length
};

/// Fixed points along a parameter.
struct Branch {
  BranchEnd end = BranchEnd::reached_end;
  std::vector<BranchPoint> points;  ///< in order; the first is the start
};

namespace detail {

using RateFamily = std::function<Rate(double)>;

Branch follow_branch(const RateFamily& family, const Eigen::VectorXd& w, double from, double to,
                     const ContinuationOptions& options);

}  // namespace detail

/// The branch of fixed points through one near `w` at the parameter `from`, followed towards `to`
/// by pseudo-arclength continuation [Keller1977]: from a point x = (w, p) with unit tangent t, a
/// step s goes to the solution of
///
///     flow_p(w) = 0,      t . (x' - x) = s                                          (Eq. 96)
///
/// near x + s t, by Newton's method, without moving along translations. Such a branch passes
/// folds, where p turns round; they are found, and are points of the branch. So is where a
/// symmetric branch w(s), -w(s) crosses w = 0. The branch ends at `to`, or back at `from`; both are
/// met exactly. From a fold both ways lead to the same side of it: a branch that starts exactly
/// there takes one of them, and returns at once if that is not the side of `to`; where translations
/// keep its direction from being told it stalls. Where Branch::points differ in `unstable` without
/// a fold between them, another branch crosses, or a pair of growth rates crosses zero with a
/// frequency.
///
/// Each Newton step takes 2 dimension() evaluations, each point 4 dimension() more. What family
/// throws passes through. Throws std::invalid_argument for a state of another size than the flows',
/// from = to, or options outside their ranges.
template <FlowFamily Family>
Branch follow_branch(Family&& family, const Eigen::VectorXd& w, double from, double to,
                     const ContinuationOptions& options = {}) {
  using F = std::decay_t<decltype(family(from))>;
  const auto rate = [&family, &w](double parameter) -> detail::Rate {
    const auto flow = std::make_shared<F>(family(parameter));
    detail::check_state_size(flow->dimension(), w.size());
    return [flow](const Eigen::VectorXd& at, Eigen::VectorXd& dwdt) { (*flow)(at, dwdt, 0.0); };
  };
  return detail::follow_branch(rate, w, from, to, options);
}

}  // namespace popflow
