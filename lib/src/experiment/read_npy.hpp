#pragma once

#include <filesystem>

#include <Eigen/Core>

#include "popflow/lattice/torus.hpp"

namespace popflow {

/// The fields of a NumPy file (format 1.0 to 3.0): 32- or 64-bit floating-point numbers,
/// little-endian, in C order. N x P, one field a column. Throws InvalidSamples.
Eigen::MatrixXd read_npy(const std::filesystem::path& file, const Torus& torus);

}  // namespace popflow
