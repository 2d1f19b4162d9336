#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <type_traits>
#include <utility>

#include "popflow/dynamics/jacobian.hpp"
#include "popflow/lattice/torus.hpp"

namespace popflow {

struct FixedPointResult;

/// How a fixed point is searched, and when a state counts as one.
struct FixedPointOptions {
  /// A state counts as a fixed point if |flow(w)| (Euclidean, in units of the state per tau) is at
  /// most this; modulo translation, without the part of flow(w) along the translations. Positive
  /// and finite. Rounding sets a floor of some 1e-16 times the terms that cancel in the flow.
  double tolerance = 1e-12;

  /// True: search for a stable fixed point, the one that the flow leads to if the start is near. A
  /// start that is at rest within `tolerance` stays where it is, stable or not. False: search for
  /// the nearest fixed point, stable or not, by Newton's method.
  bool stable = true;

  /// The first step of pseudo-time if `stable`, in units of tau; positive and finite. Best of the
  /// order of the flow's own times.
  double first_step = 1.0;

  /// Linear rates below this, in 1/tau, count as zero; positive and finite. The state hardly moves
  /// along such directions: parameters that do not learn, and translations. A state that drifts by
  /// fewer sites per tau than this counts as at rest.
  double null_rate = 1e-8;

  int step_limit = 500;  ///< largest number of steps, one Jacobian each; >= 1
  double scale = 1.0;    ///< the argument `scale` of `jacobian`

  /// For a flow of one's own (VectorFlow). If it is given, the search is modulo translation: the
  /// first `neurons` times N entries of the state must be weights over these N sites, row-major,
  /// and the flow must not change when all neurons are shifted together. If it is empty, the search
  /// is an ordinary one. The search for a flow of networks is always modulo translation; this must
  /// then be empty.
  std::optional<Torus> lattice = {};
  int neurons = 1;  ///< >= 1

  /// Called before every evaluation of the flow. If it returns true, the search stops as
  /// interrupted, with the state of the last step. May be empty.
  std::function<bool()> interrupted = {};

  /// Called after every step with the result so far. May be empty.
  std::function<void(const FixedPointResult&)> progress = {};
};

/// Why a search for a zero ended.
enum class SolveReason {
  converged,    ///< the residual is within the tolerance
  drifting,     ///< no fixed point: a state within the tolerance that moves at a constant velocity
  step_limit,   ///< as many steps as allowed, without convergence
  stalled,      ///< no step gets nearer, mostly because of rounding
  interrupted,  ///< asked to stop
  not_finite,   ///< the state, the flow or its derivative is not finite at the start or on the way
};

/// The enumerator's own name, for results and messages: "converged", ...
std::string_view name(SolveReason reason);

/// How a search for a fixed point ended, and what it cost. The numbers are those of the state left
/// in w. With D the translations of w, flow(w) is -D drift plus a rest orthogonal to D.
struct FixedPointResult {
  SolveReason reason = SolveReason::converged;
  double residual = 0.0;              ///< |flow(w) + D drift|; |flow(w)| without a lattice
  double translation_residual = 0.0;  ///< |D drift|; 0 without a lattice
  /// Velocity of the weights towards larger coordinates, in sites per tau, along every axis of the
  /// lattice. 0 for axes along which the weights are constant; no entry without a lattice.
  Eigen::VectorXd drift = {};
  int steps = 0;
  std::size_t evaluations = 0;  ///< calls of the flow
};

namespace detail {

/// Weights that are the first entries of a state: over the sites, or in the Fourier basis.
struct WeightsOnLattice {
  Torus torus;
  int neurons;
  bool over_sites;
};

inline WeightsOnLattice weights_on_lattice(const StateLayout& layout) {
  return {layout.torus, static_cast<int>(layout.neurons), false};
}

/// The weights that move: as the options say for a flow of one's own, else as the flow knows them.
template <class F>
std::optional<WeightsOnLattice> weights_on_lattice(const F& flow,
                                                   const FixedPointOptions& options) {
  if constexpr (NetworkFlow<std::remove_cvref_t<F>>) {
    if (options.lattice)
      throw std::invalid_argument("fixed point: `lattice` must be empty, for it is the flow's");
    return weights_on_lattice(flow.layout());
  } else {
    if (!options.lattice) return {};
    return WeightsOnLattice{*options.lattice, options.neurons, true};
  }
}

FixedPointResult find_fixed_point(const Rate& rate, Eigen::VectorXd& w,
                                  const std::optional<WeightsOnLattice>& weights,
                                  const FixedPointOptions& options);

}  // namespace detail

/// A zero of the flow near `w`, by pseudo-transient continuation [KelleyKeyes1998]: with f =
/// flow(w) and J its derivative, steps
///
///     (1/dt - J) dw = f                                                             (Eq. 95)
///
/// of the linearly implicit Euler method. dt grows at least as fast as |f| falls, up to 1 /
/// null_rate, as long as the linear equation is a good model of the flow. So the search follows the
/// flow at first, and is Newton's method in the end. In a search for a stable fixed point dt also
/// stays below half the time in which any direction grows e-fold. Then directions that grow under
/// the flow also grow in the search.
///
/// On a lattice the search is modulo the translations D of w. Their velocity c is an unknown beside
/// w, and a step does not move along them:
///
///     f + D c = 0,      D^T dw = 0                                                  (Eq. 118)
///
/// If |D c| is then still above the tolerance, the state is moved along the translation to a place
/// where the sites hold it, and the search is repeated, at most three times. After that the search
/// has converged if c is below null_rate. Otherwise it goes on by (Eq. 95) alone. If the sites hold
/// the state nowhere, the reason is `drifting`: w is a wave that travels with the velocity `drift`,
/// and not a fixed point.
///
/// Parameters that the flow never moves (f = 0 and J = 0 in their rows) stay as they are.
///
/// `w` becomes the last state of the search. Each step takes 2 dimension() evaluations, the
/// solution of a dense equation and, if `stable`, eigenvalues; this suits dimensions of several
/// hundred. The flow must neither depend on time nor be sampled. A search that does not converge is
/// a result, and no error. Throws std::invalid_argument for a state of another flow, and for
/// options outside their ranges. Example:
///
///     const QuarticFlow flow(task, neuron, Loss::squared);
///     State u = flow.state(weights);  // near the fixed point
///     const FixedPointResult end = find_fixed_point(flow, u);
///     if (end.reason == SolveReason::converged) std::cout << stability(flow, u).growth[0];
template <class F>
FixedPointResult find_fixed_point(F&& flow, StateOf<F>& w, const FixedPointOptions& options = {}) {
  Eigen::VectorXd values = detail::values_of(flow, w);
  FixedPointResult result = detail::find_fixed_point(
      detail::rate_of(flow), values, detail::weights_on_lattice(flow, options), options);
  w = detail::state_of(flow, std::move(values));
  return result;
}

}  // namespace popflow
