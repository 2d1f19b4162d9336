#include "experiment/netcdf_writing.hpp"

#include <stdexcept>

#include <fmt/core.h>

#include "popflow/experiment/output_file.hpp"

#include "experiment/netcdf_reason.hpp"

namespace popflow {

void write_netcdf(const std::string& path, const std::function<void(netCDF::NcFile&)>& write) {
  OutputFile output(path);
  try {
    netCDF::NcFile file(output.temporary(), netCDF::NcFile::replace, netCDF::NcFile::nc4);
    write(file);
    file.close();
  } catch (const netCDF::exceptions::NcException& failure) {
    throw std::runtime_error(fmt::format("{}: cannot be written: {}", path, reason(failure)));
  }
  output.commit();
}

Dimensions add_lattice(netCDF::NcFile& file, const Torus& torus) {
  const auto rows = static_cast<std::size_t>(torus.rows());
  const auto columns = static_cast<std::size_t>(torus.columns());
  if (torus.dimensions() == 1) return {file.addDim("site", columns)};
  return {file.addDim("row", rows), file.addDim("column", columns)};
}

netCDF::NcVar add_variable(netCDF::NcFile& file, const std::string& name,
                           const Dimensions& dimensions, const std::string& long_name,
                           const std::string& units) {
  netCDF::NcVar variable = file.addVar(name, netCDF::ncDouble, dimensions);
  variable.putAtt("long_name", long_name);
  variable.putAtt("units", units);
  return variable;
}

void put_origin(netCDF::NcFile& file, const Origin& origin) {
  file.putAtt("kind", origin.kind);
  file.putAtt("seed", netCDF::ncInt64, static_cast<long long>(origin.seed));
  file.putAtt("experiment", origin.experiment);
  file.putAtt("overrides", origin.overrides);
  file.putAtt("popflow_version", origin.provenance.version);
  file.putAtt("git_revision", origin.provenance.git_revision);
  file.putAtt("compiler", origin.provenance.compiler);
  file.putAtt("command_line", origin.provenance.command_line);
  file.putAtt("date", origin.provenance.date);
}

}  // namespace popflow
