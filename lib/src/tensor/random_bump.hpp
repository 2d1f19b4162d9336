#pragma once

#include "popflow/input/random_stream.hpp"
#include "popflow/lattice/torus.hpp"

namespace popflow {

/// A random field from which a template starts: two Gaussian bumps. The first is at site 0, with a
/// width from 0.3 sites to a sixth of the lattice. The second has a random width, offset, weight
/// and sign. Random fields without this structure lead to poor minima.
Field random_bump(const Torus& torus, RandomStream& stream);

}  // namespace popflow
