#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

#include "popflow/dynamics/jacobian.hpp"
#include "popflow/lattice/torus.hpp"

namespace popflow {

struct FixedPointResult;

/// What counts as a fixed point, and how it is searched.
struct FixedPointOptions {
  /// Found where |flow(w)| (Euclidean), but for its part along the translations where `lattice` is
  /// given, is at most this, in units of the state per tau; positive and finite. Rounding sets a
  /// floor of some 1e-16 times the terms that cancel in the flow.
  double tolerance = 1e-12;

  /// Search for a stable fixed point: the one that the flow leads to, if the start is near; but a
  /// start within `tolerance` of rest stays where it is, stable or not. False: by Newton's method,
  /// for the nearest one, stable or not.
  bool stable = true;

  /// The step of pseudo-time tried first where `stable`, in units of tau; positive and finite. Best
  /// of the order of the flow's own times.
  double first_step = 1.0;

  /// Linear rates below this, in 1/tau, count as zero; positive and finite. Along such directions
  /// the state hardly moves: parameters that do not learn, and translations. So does a state that
  /// drifts by fewer sites per tau than this.
  double null_rate = 1e-8;

  int step_limit = 500;  ///< largest number of steps, a Jacobian each; >= 1
  double scale = 1.0;    ///< as `jacobian` takes it

  /// The first `neurons` times N entries of the state are weights over these N sites, row-major,
  /// and the flow does not change when all neurons are shifted together: the search is then modulo
  /// translation. Empty: an ordinary search, for a flow that does not have this symmetry.
  std::optional<Torus> lattice = {};
  int neurons = 1;  ///< >= 1

  /// Asked before every evaluation of the flow; true stops as interrupted, at the last step. Empty
  /// is never.
  std::function<bool()> interrupted = {};

  /// Called after every step with what there is so far. May be empty.
  std::function<void(const FixedPointResult&)> progress = {};
};

/// Why a search for a zero ended.
enum class SolveReason {
  converged,  ///< the residual is within the tolerance
  drifting,   ///< no fixed point: all but a translation at a constant speed is within the tolerance
  step_limit,   ///< as many steps as allowed, before
  stalled,      ///< no step gets nearer, mostly because rounding does not let it
  interrupted,  ///< asked to stop
  not_finite,   ///< the state, the flow or its derivative is not finite at the start or on the way
};

/// The enumerator's own name, for results and messages: "converged", ...
std::string_view name(SolveReason reason);

/// How a search for a fixed point ended, and what it took. The numbers are those of the state left
/// in w. With D its translations, flow(w) = -D drift + the rest, and the two are orthogonal.
struct FixedPointResult {
  SolveReason reason = SolveReason::converged;
  double residual = 0.0;              ///< |flow(w) + D drift|; |flow(w)| without a lattice
  double translation_residual = 0.0;  ///< |D drift|; 0 without a lattice
  /// Velocity in sites per tau, along every axis of the lattice: at it the weights move towards
  /// larger coordinates. 0 along axes along which they are constant; no entry without a lattice.
  Eigen::VectorXd drift = {};
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
/// On a lattice the same is done with the translations D of w taken out: their velocity c is an
/// unknown beside w, and a step does not move along them,
///
///     f + D c = 0,      D^T dw = 0                                                  (Eq. 118)
///
/// Where c is left, the state is then moved along the translation to where the sites hold it, and
/// the search goes on with nothing taken out; this ends in `converged` also where what is left of
/// c is below null_rate. Where the sites hold it nowhere the reason is `drifting`: w is then a wave
/// that travels with the velocity `drift`, and no fixed point.
///
/// What the flow never moves, f = 0 and J = 0 in a row, stays as it is.
///
/// `w` holds flow.dimension() entries; the last state reached is left in it. Each step takes
/// 2 dimension() evaluations, a dense solution and, where `stable`, eigenvalues: for dimensions of
/// several hundred. A flow in Fourier space is best seen as a SiteFlow. The flow must
/// not depend on time, nor be sampled. Not to converge is a result. Throws std::invalid_argument
/// for a state of another size, or options outside their ranges. Example:
///
///     SiteFlow flow(QuarticFlow(task, neuron), torus);
///     Eigen::VectorXd u = ...;  // N weights, near the fixed point
///     const FixedPointResult end = find_fixed_point(flow, u, {.lattice = torus});
///     if (end.reason == SolveReason::converged) std::cout << stability(flow, u).growth[0];
template <Flow F>
FixedPointResult find_fixed_point(F& flow, Eigen::VectorXd& w,
                                  const FixedPointOptions& options = {}) {
  detail::check_state_size(flow.dimension(), w.size());
  return detail::find_fixed_point(detail::rate_of(flow), w, options);
}

}  // namespace popflow
