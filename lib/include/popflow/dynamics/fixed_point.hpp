#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "popflow/dynamics/jacobian.hpp"

namespace popflow {

/// What counts as a fixed point, and how it is searched.
struct FixedPointOptions {
  /// Found where |flow(w)| (Euclidean) is at most this, in units of the state per tau; > 0.
  /// Rounding sets a floor of some 1e-16 times the terms that cancel in the flow.
  double tolerance = 1e-12;

  /// Search for a stable fixed point: the one that the flow leads to, if the start is near; but a
  /// start within `tolerance` of rest stays where it is, stable or not. False: by Newton's method,
  /// for the nearest one, stable or not.
  bool stable = true;

  /// The step of pseudo-time tried first where `stable`, in units of tau; > 0. Best of the order of
  /// the flow's own times.
  double first_step = 1.0;

  /// Linear rates below this, in 1/tau, count as zero; > 0. Along such directions the state hardly
  /// moves: translations, and parameters that do not learn.
  double null_rate = 1e-8;

  int step_limit = 500;  ///< largest number of steps, a Jacobian each; >= 1
  double scale = 1.0;    ///< as `jacobian` takes it

  /// Asked before every step; true stops as interrupted. Empty is never.
  std::function<bool()> interrupted = {};
};

/// Why a search for a zero ended.
enum class SolveReason {
  converged,    ///< the residual is within the tolerance
  step_limit,   ///< as many steps as allowed, before
  stalled,      ///< no step gets nearer, mostly because rounding does not let it
  interrupted,  ///< asked to stop
  not_finite,   ///< the state, the flow or its derivative is not finite at the start or on the way
};

/// The enumerator's own name, for results and messages: "converged", ...
std::string_view name(SolveReason reason);

/// How a search for a fixed point ended, and what it took.
struct FixedPointResult {
  SolveReason reason = SolveReason::converged;
  double residual = 0.0;  ///< |flow(w)| of the state left in w
  int steps = 0;
  std::size_t evaluations = 0;  ///< calls of the flow
};

namespace detail {

FixedPointResult find_fixed_point(const Rate& rate, Eigen::VectorXd& w,
                                  const FixedPointOptions& options);

}  // namespace detail

/// A zero of the flow near `w`, by pseudo-transient continuation [KelleyKeyes1998]: with f =
/// flow(w) and J its derivative, steps
///
///     (1/dt - J) dw = f                                                             (Eq. 95)
///
/// of the linearly implicit Euler method. dt grows, at least as fast as |f| falls, as long as
/// the linear equation is a fair model of the true one, up to 1 / null_rate: the flow at first,
/// Newton's method in the end. In a search for a stable fixed point dt also stays below half the
/// time in which any direction grows e-fold, so that what grows under the flow grows here.
///
/// dt <= 1 / null_rate also settles what a fixed point is modulo: where J vanishes along a
/// translation, a step does not amplify the rounding in f by more than dt, and what the flow never
/// moves, f = 0 and J = 0 in a row, stays as it is.
///
/// `w` holds flow.dimension() entries; the last state reached is left in it. Each step takes
/// 2 dimension() evaluations, a dense solution and, where `stable`, eigenvalues: for dimensions of
/// several hundred. A flow in Fourier space is best seen as a SiteFlow. The flow must
/// not depend on time, nor be sampled. Not to converge is a result. Throws std::invalid_argument
/// for a state of another size, or options outside their ranges.
template <Flow F>
FixedPointResult find_fixed_point(F& flow, Eigen::VectorXd& w,
                                  const FixedPointOptions& options = {}) {
  detail::check_state_size(flow.dimension(), w.size());
  return detail::find_fixed_point(detail::rate_of(flow), w, options);
}

}  // namespace popflow
