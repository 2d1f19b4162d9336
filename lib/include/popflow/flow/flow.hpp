#pragma once

#include <concepts>

#include "popflow/lattice/eigen.hpp"

namespace popflow {

/// A population-gradient flow dw/dtau = flow(w, tau) of a flat state w of dimension() entries.
///
///     flow(w, dwdt, tau)   writes the right-hand side into dwdt (sized); allocates nothing
///
/// Not const: a flow owns scratch memory, so a thread works on its own copy.
template <class T>
concept Flow = requires(T& flow, const T& constant, const Eigen::VectorXd& w, Eigen::VectorXd& dwdt,
                        double tau) {
  { constant.dimension() } -> std::convertible_to<Eigen::Index>;
  flow(w, dwdt, tau);
};

/// A flow down a potential: dw/dtau is minus the gradient of potential(w), as a gradient over
/// sites.
template <class T>
concept PotentialFlow = Flow<T> && requires(T& flow, const Eigen::VectorXd& w) {
  { flow.potential(w) } -> std::convertible_to<double>;
};

}  // namespace popflow
