#pragma once

#include <concepts>

namespace popflow {

/// A flow or a gradient that is an expansion. It has
///
///     neglected_terms(at)   the size of the terms that it neglects, relative to those that it
///                           keeps: at least 0, and 0 where the expansion is exact
template <class T, class At>
concept Expansion = requires(const T& expansion, const At& at) {
  { expansion.neglected_terms(at) } -> std::convertible_to<double>;
};

/// Above this number of neglected_terms an expansion is not reliable: the weights may be off by as
/// much or more (Eq. 115, 116).
inline constexpr double largest_neglected_terms = 0.1;

}  // namespace popflow
