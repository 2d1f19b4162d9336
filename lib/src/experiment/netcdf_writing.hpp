#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <netcdf>

#include "popflow/experiment/provenance.hpp"
#include "popflow/lattice/torus.hpp"

namespace popflow {

using Dimensions = std::vector<netCDF::NcDim>;

/// Writes a NetCDF-4 file that appears whole or not at all. Throws UnwritableOutput, or
/// std::runtime_error when writing fails.
void write_netcdf(const std::string& path, const std::function<void(netCDF::NcGroup&)>& write);

/// The same, made in memory first, for files that threads write. HDF5 cannot give up a file that it
/// could not write to the end: it prints, from any thread but the first, and aborts at exit. Such a
/// file lacks the order of its variables, for which NetCDF opens it for reading only, and its size
/// is rounded up to 64 KiB.
void write_netcdf_from_memory(const std::string& path,
                              const std::function<void(netCDF::NcGroup&)>& write);

/// Dimension `site` for a ring, `row` and `column` for a torus.
Dimensions add_lattice(netCDF::NcGroup& file, const Torus& torus);

netCDF::NcVar add_variable(netCDF::NcGroup& file, const std::string& name,
                           const Dimensions& dimensions, const std::string& long_name,
                           const std::string& units = "1");

/// Where a file comes from: the experiment's text, its overrides, its seed, and what ran it.
struct Origin {
  std::string kind;
  std::uint64_t seed;
  std::string experiment, overrides;
  Provenance provenance;
};
void put_origin(netCDF::NcGroup& file, const Origin& origin);

}  // namespace popflow
