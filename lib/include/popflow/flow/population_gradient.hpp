#pragma once

#include <concepts>

#include "popflow/network/network.hpp"

namespace popflow {

/// The gradient of the population loss of a network in closed form, exact or by a closure.
///
///     gradient(at, out)   writes d loss / d parameters at `at` into `out`, of the same shape;
///                         allocates nothing
///
/// Not const: it owns scratch memory, so a thread works on its own copy.
template <class T>
concept PopulationGradient = std::copyable<T> &&
    requires(T& gradient, const Parameters& at, Parameters& out) {
  gradient(at, out);
};

/// One whose loss is known too: `out` is the gradient of loss(at).
template <class T>
concept PotentialGradient = PopulationGradient<T> && requires(T& gradient, const Parameters& at) {
  { gradient.loss(at) } -> std::convertible_to<double>;
};

}  // namespace popflow
