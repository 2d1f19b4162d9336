#pragma once

#include "popflow/lattice/eigen.hpp"

namespace popflow {

/// First-layer weights of K neurons: K x N, row k is u_k = w_k / sqrt(N).
using Weights = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

}  // namespace popflow
