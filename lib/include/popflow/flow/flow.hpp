#pragma once

#include <concepts>
#include <stdexcept>
#include <type_traits>

#include "popflow/flow/state.hpp"

namespace popflow {

/// A flow of your own: dw/dtau = flow(w, tau) of a vector w with dimension() entries.
///
///     flow(w, dwdt, tau)   writes the right-hand side into dwdt, which is sized
///
/// Several threads may use the flow at the same time only if it allows that.
template <class T>
concept VectorFlow = requires(T& flow, const T& constant, const Eigen::VectorXd& w,
                              Eigen::VectorXd& dwdt, double tau) {
  { constant.dimension() } -> std::convertible_to<Eigen::Index>;
  flow(w, dwdt, tau);
};

/// The members that all flows of networks have, made from two members of the derived class F:
///
///     flow.space()                    its StateSpace
///     flow.evaluate(w, dwdt, tau)     writes dw/dtau at the values w into dwdt, which has their
///                                     size; it is const, may be called by any number of threads,
///                                     and does not allocate after the first calls
template <class F>
class NetworkFlowOf {
 public:
  const StateLayout& layout() const { return self().space().layout(); }
  const Torus& torus() const { return layout().torus; }
  Eigen::Index dimension() const { return layout().size(); }

  /// The state of all parameters, or of first-layer weights alone, K x N, and the parameters of a
  /// state. They throw what StateSpace throws.
  State state(const Parameters& parameters) const { return self().space().state(parameters); }
  State state(const Weights& first) const { return self().space().state(first); }
  Parameters parameters(const State& state) const { return self().space().parameters(state); }

  /// The weights of a state alone, K x N.
  Weights weights(const State& state) const { return parameters(state).first(); }

  /// dw/dtau. Throws std::invalid_argument for a state of another layout, and if w and rate are the
  /// same object.
  void operator()(const State& w, State& rate, double tau = 0.0) const {
    self().space().check(w);
    if (&w == &rate) throw std::invalid_argument("flow: the rate must not be the state itself");
    if (!(rate.layout() == layout()) || rate.values_.size() != dimension()) rate = State(layout());
    self().evaluate(w.values(), rate.values_, tau);
  }
  State operator()(const State& w, double tau = 0.0) const {
    State rate(layout());
    (*this)(w, rate, tau);
    return rate;
  }

 private:
  const F& self() const { return static_cast<const F&>(*this); }
};

/// A flow of the parameters of a network, whose states are of the type State.
template <class T>
concept NetworkFlow = std::derived_from<T, NetworkFlowOf<T>> &&
    requires(const T& flow, const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double tau) {
  { flow.space() } -> std::convertible_to<const StateSpace&>;
  flow.evaluate(w, dwdt, tau);
};

/// Flows, and references to flows.
template <class T>
concept Flow = VectorFlow<std::remove_cvref_t<T>> || NetworkFlow<std::remove_cvref_t<T>>;

namespace detail {

/// Does not compile for a type that is no flow; the message names the member that it lacks.
template <class T>
struct StateOfFlow {
  static_assert(
      Flow<T> || !requires(const T& flow) { flow.space(); },
      "popflow: a flow of networks must be a class F derived from NetworkFlowOf<F>, and have a "
      "member "
      "`void evaluate(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double tau) const`");
  static_assert(
      requires(const T& flow) {
        { flow.dimension() } -> std::convertible_to<Eigen::Index>;
      },
      "popflow: a flow must have a member `Eigen::Index dimension() const`");
  static_assert(
      NetworkFlow<T> || requires(T & flow, const Eigen::VectorXd& w,
                                 Eigen::VectorXd& dwdt) { flow(w, dwdt, 0.0); },
      "popflow: a flow must have a member "
      "`void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double tau)`");
  using Type = std::conditional_t<NetworkFlow<T>, State, Eigen::VectorXd>;
};

}  // namespace detail

/// The type of a flow's states: State, or Eigen::VectorXd for a flow of your own. A function of a
/// type F that names StateOf<F> says which member F lacks to be a Flow.
template <class F>
using StateOf = typename detail::StateOfFlow<std::remove_cvref_t<F>>::Type;

/// A flow down a potential: dw/dtau is minus the gradient of potential(w).
template <class T>
concept PotentialFlow = NetworkFlow<T> && requires(const T& flow, const State& w) {
  { flow.potential(w) } -> std::convertible_to<double>;
};

}  // namespace popflow
