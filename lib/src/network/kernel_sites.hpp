#pragma once

#include <vector>

#include "popflow/network/network.hpp"

namespace popflow {

/// The displacements that a convolution's kernel covers, row-major. Throws std::invalid_argument
/// when it does not fit the lattice.
std::vector<int> kernel_sites(const Torus& torus, const Convolution& convolution);

}  // namespace popflow
