#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <Eigen/Core>

#include "popflow/experiment/printable.hpp"
#include "popflow/lattice/torus.hpp"

namespace popflow {

/// A file of samples that cannot be used. The message is the end of a sentence: "has no variable x:
/// must ...".
struct InvalidSamples : std::runtime_error {
  explicit InvalidSamples(const std::string& message) : std::runtime_error(printable(message)) {}
};

/// The most numbers that are taken from a file, 2 GiB of them.
inline constexpr std::size_t most_sample_numbers = std::size_t{1} << 28;

/// The numbers that an array of this shape has. Throws InvalidSamples unless it holds P >= 1 fields
/// of the lattice, P x its extents or P x N, and at most most_sample_numbers.
std::size_t checked_size(const std::vector<std::size_t>& shape, const Torus& torus);

/// The fields of a variable of a NetCDF file, of any numeric type: N x P, one field a column.
/// Throws InvalidSamples.
Eigen::MatrixXd read_netcdf_samples(const std::filesystem::path& file, const std::string& variable,
                                    const Torus& torus);

}  // namespace popflow
