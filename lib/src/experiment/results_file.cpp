#include "experiment/results_file.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/core.h>

#include "popflow/experiment/results.hpp"

#include "experiment/netcdf_reason.hpp"

namespace popflow {

ResultsFile::ResultsFile(const std::string& path)
    : path_(path), file_(path, netCDF::NcFile::read, netCDF::NcFile::nc4) {}

void ResultsFile::refuse(const std::string& reason) const {
  throw InvalidResults(fmt::format("{}: not a results file of popflow: {}", path_, reason));
}

std::size_t ResultsFile::dimension(const std::string& name) const {
  const netCDF::NcDim dimension = file_.getDim(name);
  if (dimension.isNull() || dimension.getSize() == 0) refuse("no dimension " + name);
  return dimension.getSize();
}

std::vector<double> ResultsFile::values(const std::string& name,
                                        const std::vector<std::string>& dimensions) const {
  const netCDF::NcVar variable = file_.getVar(name);
  if (variable.isNull()) refuse("no variable " + name);
  const std::vector<netCDF::NcDim> found = variable.getDims();
  const auto same = [](const netCDF::NcDim& dimension, const std::string& expected) {
    return dimension.getName() == expected;
  };
  if (!std::equal(found.begin(), found.end(), dimensions.begin(), dimensions.end(), same))
    refuse("variable " + name + " has other dimensions");
  std::size_t size = 1;
  for (const netCDF::NcDim& dimension : found) size *= dimension.getSize();
  std::vector<double> result(size);
  variable.getVar(result.data());
  return result;
}

std::string ResultsFile::text(const std::string& name) const {
  std::string value;
  attribute(name).getValues(value);
  return value;
}

std::uint64_t ResultsFile::integer(const std::string& name) const {
  const netCDF::NcGroupAtt found = attribute(name);
  if (found.getAttLength() != 1) refuse("attribute " + name + " is not one number");
  long long value = 0;
  found.getValues(&value);
  return static_cast<std::uint64_t>(value);
}

netCDF::NcGroupAtt ResultsFile::attribute(const std::string& name) const {
  const auto attributes = file_.getAtts();
  const auto found = attributes.find(name);
  if (found == attributes.end()) refuse("no attribute " + name);
  return found->second;
}

Torus ResultsFile::torus() const {
  std::vector<int> shape;
  for (const std::string& name : lattice_dimensions())
    shape.push_back(static_cast<int>(dimension(name)));
  return Torus(shape);
}

std::vector<std::string> ResultsFile::lattice_dimensions() const {
  if (has_dimension("site")) return {"site"};
  return {"row", "column"};
}

void read_results_file(const std::string& path,
                       const std::function<void(const ResultsFile&)>& read) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status))
    throw InvalidResults(fmt::format("{}: cannot be read: {}", path, failure.message()));
  try {
    read(ResultsFile(path));
  } catch (const netCDF::exceptions::NcException& refused) {
    throw InvalidResults(
        fmt::format("{}: not a results file of popflow: {}", path, reason(refused)));
  }
}

}  // namespace popflow
