#include "experiment/read_samples.hpp"

#include <algorithm>
#include <optional>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <netcdf>

#include "popflow/experiment/netcdf_access.hpp"

#include "experiment/netcdf_reason.hpp"

namespace popflow {

namespace {

// The value that the library uses for numbers that were never written. Nothing for single bytes,
// all of whose values may be numbers.
std::optional<double> default_fill_value(netCDF::NcType::ncType type) {
  switch (type) {
    case netCDF::NcType::nc_SHORT:
      return NC_FILL_SHORT;
    case netCDF::NcType::nc_USHORT:
      return NC_FILL_USHORT;
    case netCDF::NcType::nc_INT:
      return NC_FILL_INT;
    case netCDF::NcType::nc_UINT:
      return NC_FILL_UINT;
    case netCDF::NcType::nc_INT64:
      return static_cast<double>(NC_FILL_INT64);
    case netCDF::NcType::nc_UINT64:
      return static_cast<double>(NC_FILL_UINT64);
    case netCDF::NcType::nc_FLOAT:
      return NC_FILL_FLOAT;
    case netCDF::NcType::nc_DOUBLE:
      return NC_FILL_DOUBLE;
    default:
      return {};
  }
}

// The numbers that stand for a missing one.
std::vector<double> missing_values(const netCDF::NcVar& variable) {
  std::vector<double> values;
  for (const auto& [name, attribute] : variable.getAtts()) {
    if (name != "_FillValue" && name != "missing_value") continue;
    if (attribute.getAttLength() != 1)
      throw InvalidSamples(fmt::format("has an attribute {} that is not one number", name));
    attribute.getValues(&values.emplace_back());
  }
  if (const auto fill = default_fill_value(variable.getType().getTypeClass()))
    values.push_back(*fill);
  return values;
}

std::string other_variables(const netCDF::NcFile& file) {
  std::vector<std::string> names;
  for (const auto& [name, variable] : file.getVars()) names.push_back(name);
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

Eigen::MatrixXd read_variable(const netCDF::NcFile& file, const std::string& name,
                              const Torus& torus) {
  const netCDF::NcVar variable = file.getVar(name);
  if (variable.isNull())
    throw InvalidSamples(
        fmt::format("has no variable {} (it has {})", name, other_variables(file)));
  const netCDF::NcType::ncType type = variable.getType().getTypeClass();
  if (type == netCDF::NcType::nc_CHAR || type >= netCDF::NcType::nc_STRING)
    throw InvalidSamples("has no numbers in variable " + name);
  for (const char* packing : {"scale_factor", "add_offset"})
    if (variable.getAtts().count(packing) > 0)
      throw InvalidSamples(fmt::format("has packed numbers ({}): must be as they are", packing));
  std::vector<std::size_t> shape;
  for (const netCDF::NcDim& dimension : variable.getDims()) shape.push_back(dimension.getSize());
  const std::size_t size = checked_size(shape, torus);
  Eigen::MatrixXd fields(torus.sites(), static_cast<Eigen::Index>(size) / torus.sites());
  variable.getVar(fields.data());
  for (const double missing : missing_values(variable))
    if ((fields.array() == missing).any())
      throw InvalidSamples("has missing values in variable " + name);
  return fields;
}

}  // namespace

std::size_t checked_size(const std::vector<std::size_t>& shape, const Torus& torus) {
  const auto sites = static_cast<std::size_t>(torus.sites());
  const bool flat = shape.size() == 2 && shape[1] == sites;
  const bool as_lattice =
      !shape.empty() && std::equal(shape.begin() + 1, shape.end(), torus.shape().begin(),
                                   torus.shape().end(), [](std::size_t extent, int expected) {
                                     return extent == static_cast<std::size_t>(expected);
                                   });
  if (!(flat || as_lattice) || shape[0] == 0)
    throw InvalidSamples(
        fmt::format("has an array of shape ({}): must be (P, {}), with one field or more",
                    fmt::join(shape, ", "),
                    torus.dimensions() == 1
                        ? fmt::format("{}", sites)
                        : fmt::format("{}, {}) or (P, {}", torus.rows(), torus.columns(), sites)));
  if (shape[0] > most_sample_numbers / sites)
    throw InvalidSamples(fmt::format("has {} fields: must be at most {}, 2 GiB of numbers",
                                     shape[0], most_sample_numbers / sites));
  return shape[0] * sites;
}

Eigen::MatrixXd read_netcdf_samples(const std::filesystem::path& file, const std::string& variable,
                                    const Torus& torus) try {
  const NetcdfAccess access;
  return read_variable(netCDF::NcFile(file.string(), netCDF::NcFile::read), variable, torus);
} catch (const netCDF::exceptions::NcException& failed) {
  throw InvalidSamples("cannot be read: " + reason(failed));
}

}  // namespace popflow
