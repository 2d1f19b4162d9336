#pragma once

#include <string>

#include <netcdf>

namespace popflow {

/// The reason of a failure, in one line. The exception's next lines are netcdf-cxx4's own file and
/// line.
inline std::string reason(const netCDF::exceptions::NcException& exception) {
  const std::string what = exception.what();
  return what.substr(0, what.find('\n'));
}

}  // namespace popflow
