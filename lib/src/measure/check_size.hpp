#pragma once

#include <Eigen/Core>

#include "popflow/lattice/torus.hpp"

namespace popflow {

/// Throws std::invalid_argument unless a field of `size` entries lives on `torus`.
void check_size(const Torus& torus, Eigen::Index size);

}  // namespace popflow
