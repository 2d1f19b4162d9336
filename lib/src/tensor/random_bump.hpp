#pragma once

#include "popflow/input/random_stream.hpp"
#include "popflow/lattice/torus.hpp"

namespace popflow {

/// A field to start a template from: the difference of two Gaussian bumps around site 0, of random
/// widths from 0.3 sites to a sixth of the lattice, the second of random sign, weight and offset.
/// Random fields without such structure lead to poor minima.
Field random_bump(const Torus& torus, RandomStream& stream);

}  // namespace popflow
