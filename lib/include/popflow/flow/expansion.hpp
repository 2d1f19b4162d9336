#pragma once

#include <concepts>

namespace popflow {

/// A flow or a gradient that is an expansion, and says how large the terms are that it neglects:
///
///     neglected_terms(at)   relative to those that it keeps, at least 0; 0 where it is exact
template <class T, class State>
concept Expansion = requires(T& expansion, const State& at) {
  { expansion.neglected_terms(at) } -> std::convertible_to<double>;
};

/// Above this an expansion is not to be believed: weights may be off by as much or more
/// (Eq. 115, 116).
inline constexpr double largest_neglected_terms = 0.1;

}  // namespace popflow
