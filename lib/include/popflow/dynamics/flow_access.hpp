#pragma once

#include <functional>
#include <type_traits>
#include <utility>

#include "popflow/flow/flow.hpp"

namespace popflow::detail {

/// A flow of any type as a function of vectors, so that what is computed with flows is compiled
/// once, in the library.
using TimedRate = std::function<void(const Eigen::VectorXd& w, Eigen::VectorXd& rate, double tau)>;

template <class F>
TimedRate timed_rate(F& flow) {
  if constexpr (NetworkFlow<std::remove_cvref_t<F>>)
    return [&flow](const Eigen::VectorXd& w, Eigen::VectorXd& rate, double tau) {
      flow.evaluate(w, rate, tau);
    };
  else
    return std::ref(flow);
}

/// Throws std::invalid_argument where they differ.
void check_state_size(Eigen::Index dimension, Eigen::Index size);

/// The values of a state, and the state that has these values. For a flow of your own both are the
/// vector itself. Throws std::invalid_argument for a state of another flow.
template <class F>
Eigen::VectorXd values_of(const F& flow, const StateOf<F>& state) {
  if constexpr (NetworkFlow<std::remove_cvref_t<F>>) {
    flow.space().check(state);
    return state.values();
  } else {
    check_state_size(flow.dimension(), state.size());
    return state;
  }
}

template <class F>
StateOf<F> state_of(const F& flow, Eigen::VectorXd values) {
  if constexpr (NetworkFlow<std::remove_cvref_t<F>>)
    return State(flow.layout(), std::move(values));
  else
    return values;
}

/// Calls an observer, and says whether it wants to stop: whether it returns true.
template <class Observe, class... Seen>
bool stops(Observe& observe, const Seen&... seen) {
  if constexpr (std::is_same_v<std::remove_cvref_t<std::invoke_result_t<Observe&, const Seen&...>>,
                               bool>) {
    return observe(seen...);
  } else {
    observe(seen...);
    return false;
  }
}

}  // namespace popflow::detail

namespace popflow {

/// An observer that does nothing.
struct NoObserver {
  template <class... Seen>
  void operator()(const Seen&...) const {}
};

}  // namespace popflow
