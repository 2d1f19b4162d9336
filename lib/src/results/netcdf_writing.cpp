#include "results/netcdf_writing.hpp"

#include <cmath>
#include <filesystem>
#include <limits>
#include <stdexcept>

#include <fmt/core.h>

#include "popflow/experiment/netcdf_access.hpp"
#include "popflow/results/output_file.hpp"

#include "experiment/netcdf_reason.hpp"
#include "results/netcdf_image.hpp"

namespace popflow {

void write_netcdf(const std::string& path, const std::function<void(netCDF::NcGroup&)>& write) {
  OutputFile output(path);
  const NetcdfAccess access;
  try {
    NetcdfImage image;
    netCDF::NcGroup root = image.root();
    write(root);
    output.write(image.bytes());
  } catch (const netCDF::exceptions::NcException& failure) {
    throw std::runtime_error(fmt::format("{}: cannot be written: {}", path, reason(failure)));
  }
  output.commit();
}

Dimensions add_lattice(netCDF::NcGroup& file, const Torus& torus) {
  const auto rows = static_cast<std::size_t>(torus.rows());
  const auto columns = static_cast<std::size_t>(torus.columns());
  if (torus.dimensions() == 1) return {file.addDim("site", columns)};
  return {file.addDim("row", rows), file.addDim("column", columns)};
}

netCDF::NcVar add_variable(netCDF::NcGroup& file, const std::string& name,
                           const Dimensions& dimensions, const std::string& long_name,
                           const std::string& units) {
  netCDF::NcVar variable = file.addVar(name, netCDF::ncDouble, dimensions);
  variable.putAtt("long_name", long_name);
  variable.putAtt("units", units);
  return variable;
}

void put_numbers(netCDF::NcGroup& file, const std::string& name, const Dimensions& dimensions,
                 const std::string& long_name, std::vector<double> values) {
  for (double& value : values)
    if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  add_variable(file, name, dimensions, long_name).putVar(values.data());
}

void put_strings(netCDF::NcGroup& file, const std::string& name, const Dimensions& dimensions,
                 const std::string& long_name, std::size_t count,
                 const std::function<std::string(std::size_t n)>& string_of) {
  std::vector<std::string> strings;
  std::vector<const char*> pointers;
  strings.reserve(count);
  for (std::size_t n = 0; n < count; ++n)
    pointers.push_back(strings.emplace_back(string_of(n)).c_str());
  netCDF::NcVar variable = file.addVar(name, netCDF::ncString, dimensions);
  variable.putAtt("long_name", long_name);
  variable.putVar(pointers.data());
}

void put_origin(netCDF::NcGroup& file, const Origin& origin, const std::string& path) {
  file.putAtt("kind", origin.kind);
  file.putAtt("seed", netCDF::ncInt64, static_cast<long long>(origin.seed));
  file.putAtt("experiment", origin.experiment);
  file.putAtt("overrides", origin.overrides);
  put_files(file, origin.files, path);
  put_provenance(file, origin.provenance);
}

// The folder is stated from the results file's own, so that both may move together, and the same
// run leaves the same file wherever it is.
void put_files(netCDF::NcGroup& file, const ExperimentFiles& files, const std::string& path) {
  const std::filesystem::path own = std::filesystem::absolute(behind_links(path)).parent_path();
  file.putAtt("experiment_file", files.file);
  file.putAtt("experiment_folder",
              files.folder.empty() ? "" : std::filesystem::relative(files.folder, own).string());
  file.putAtt("data_files", files.data);
}

void put_provenance(netCDF::NcGroup& file, const Provenance& provenance) {
  file.putAtt("popflow_version", provenance.version);
  file.putAtt("git_revision", provenance.git_revision);
  file.putAtt("compiler", provenance.compiler);
  file.putAtt("instruction_set", provenance.instruction_set);
  file.putAtt("command_line", provenance.command_line);
  file.putAtt("date", provenance.date);
}

}  // namespace popflow
