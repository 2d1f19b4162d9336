#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <netcdf>

#include "popflow/experiment/source.hpp"
#include "popflow/lattice/torus.hpp"
#include "popflow/results/provenance.hpp"

namespace popflow {

using Dimensions = std::vector<netCDF::NcDim>;

/// Writes a NetCDF-4 file that appears whole or not at all. It is made in memory, of as many bytes
/// as the file, and then written: HDF5 cannot give up a file on a full disk, but ends the process
/// when it exits. Throws UnwritableOutput, or std::runtime_error when writing fails.
void write_netcdf(const std::string& path, const std::function<void(netCDF::NcGroup&)>& write);

/// Dimension `site` for a ring, `row` and `column` for a torus.
Dimensions add_lattice(netCDF::NcGroup& file, const Torus& torus);

netCDF::NcVar add_variable(netCDF::NcGroup& file, const std::string& name,
                           const Dimensions& dimensions, const std::string& long_name,
                           const std::string& units = "1");

/// A variable of double precision. Every NaN is written with the same bits: some processors give
/// theirs a sign, which a journal does not keep.
void put_numbers(netCDF::NcGroup& file, const std::string& name, const Dimensions& dimensions,
                 const std::string& long_name, std::vector<double> values);

/// A variable of `count` strings, string_of(n) each.
void put_strings(netCDF::NcGroup& file, const std::string& name, const Dimensions& dimensions,
                 const std::string& long_name, std::size_t count,
                 const std::function<std::string(std::size_t n)>& string_of);

/// Where a file comes from: the experiment's text, its overrides, its seed, its files, and what ran
/// it.
struct Origin {
  std::string kind;
  std::uint64_t seed;
  std::string experiment, overrides;
  ExperimentFiles files;
  Provenance provenance;
};

/// `path` is that of the file: an experiment's folder is stated from there.
void put_origin(netCDF::NcGroup& file, const Origin& origin, const std::string& path);
void put_files(netCDF::NcGroup& file, const ExperimentFiles& files, const std::string& path);
void put_provenance(netCDF::NcGroup& file, const Provenance& provenance);

}  // namespace popflow
