#pragma once

#include <string>
#include <string_view>

#include <netcdf>

namespace popflow {

/// A NetCDF-4 file in memory, which the caller fills and then writes. Throws
/// netCDF::exceptions::NcException, or std::runtime_error if the HDF5 library is not found.
class NetcdfImage {
 public:
  NetcdfImage();
  NetcdfImage(const NetcdfImage&) = delete;
  NetcdfImage& operator=(const NetcdfImage&) = delete;
  ~NetcdfImage();

  netCDF::NcGroup root() const { return {id_}; }

  /// The bytes of the file as it is now, until it changes.
  std::string_view bytes() const;

 private:
  std::string name_;
  int id_ = 0;
};

}  // namespace popflow
