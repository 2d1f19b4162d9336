#pragma once

#include <concepts>

#include "popflow/lattice/torus.hpp"
#include "popflow/network/network.hpp"

namespace popflow {

/// The gradient of the population loss of a network, in closed form or by a closure.
///
///     gradient(at, out)   writes d loss / d parameters at `at` into `out`, of the same shape
///     gradient.torus()    the lattice of the inputs
///
/// Calls are const, because threads share a gradient. Intermediate results live in a Scratch
/// (lattice/scratch.hpp), or in Copies (threads/copies.hpp). Nothing is allocated after a thread's
/// first calls.
template <class T>
concept PopulationGradient = std::copyable<T> &&
    requires(const T& gradient, const Parameters& at, Parameters& out) {
  { gradient.torus() } -> std::convertible_to<const Torus&>;
  gradient(at, out);
};

/// A population gradient whose loss is known too: `out` is the gradient of loss(at).
template <class T>
concept PotentialGradient = PopulationGradient<T> &&
    requires(const T& gradient, const Parameters& at) {
  { gradient.loss(at) } -> std::convertible_to<double>;
};

}  // namespace popflow
