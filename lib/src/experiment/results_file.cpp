#include "experiment/results_file.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <netcdf.h>

#include "popflow/experiment/results.hpp"

#include "experiment/netcdf_reason.hpp"

namespace popflow {

namespace {

[[noreturn]] void refuse_file(const std::string& path, const std::string& what,
                              const std::string& reason) {
  throw InvalidResults(fmt::format("{}: not a {} of popflow: {}", path, what, reason));
}

}  // namespace

ResultsFile::ResultsFile(const std::string& path, const std::string& what)
    : path_(path), what_(what), file_(path, netCDF::NcFile::read, netCDF::NcFile::nc4) {}

void ResultsFile::refuse(const std::string& reason) const { refuse_file(path_, what_, reason); }

std::size_t ResultsFile::dimension(const std::string& name) const {
  const netCDF::NcDim dimension = file_.getDim(name);
  if (dimension.isNull() || dimension.getSize() == 0) refuse("no dimension " + name);
  return dimension.getSize();
}

netCDF::NcVar ResultsFile::variable(const std::string& name) const {
  netCDF::NcVar variable = file_.getVar(name);
  if (variable.isNull()) refuse("no variable " + name);
  return variable;
}

std::vector<std::string> ResultsFile::dimensions_of(const std::string& name) const {
  std::vector<std::string> names;
  for (const netCDF::NcDim& dimension : variable(name).getDims())
    names.push_back(dimension.getName());
  return names;
}

std::vector<std::string> ResultsFile::variables() const {
  std::vector<std::string> names;
  for (const auto& [name, variable] : file_.getVars()) names.push_back(name);
  return names;
}

std::vector<std::pair<std::string, std::size_t>> ResultsFile::shape_of(
    const std::string& name) const {
  std::vector<std::pair<std::string, std::size_t>> shape;
  for (const netCDF::NcDim& dimension : variable(name).getDims())
    shape.emplace_back(dimension.getName(), dimension.getSize());
  return shape;
}

std::string ResultsFile::type_of(const std::string& name) const {
  return variable(name).getType().getName();
}

bool ResultsFile::holds_numbers(const std::string& name) const {
  return variable(name).getType() == netCDF::ncDouble;
}

std::vector<std::string> ResultsFile::strings_of(const std::string& name) const {
  std::vector<std::string> result;
  if (holds_numbers(name)) {
    for (const double value : values(name, dimensions_of(name)))
      result.push_back(fmt::format("{}", value));
    return result;
  }
  std::size_t size = 1;
  for (const netCDF::NcDim& dimension : variable(name).getDims()) size *= dimension.getSize();
  std::vector<char*> strings(size, nullptr);
  variable(name).getVar(strings.data());
  for (const char* text : strings) result.emplace_back(text ? text : "");
  nc_free_string(strings.size(), strings.data());
  return result;
}

template <class Value>
std::vector<Value> ResultsFile::all(const std::string& name,
                                    const std::vector<std::string>& dimensions) const {
  const netCDF::NcVar variable = this->variable(name);
  const std::vector<netCDF::NcDim> found = variable.getDims();
  const auto same = [](const netCDF::NcDim& dimension, const std::string& expected) {
    return dimension.getName() == expected;
  };
  if (!std::equal(found.begin(), found.end(), dimensions.begin(), dimensions.end(), same))
    refuse("variable " + name + " has other dimensions");
  std::size_t size = 1;
  for (const netCDF::NcDim& dimension : found) size *= dimension.getSize();
  std::vector<Value> result(size);
  variable.getVar(result.data());
  return result;
}

std::vector<double> ResultsFile::values(const std::string& name,
                                        const std::vector<std::string>& dimensions) const {
  return all<double>(name, dimensions);
}

std::vector<std::uint64_t> ResultsFile::integers(const std::string& name,
                                                 const std::vector<std::string>& dimensions) const {
  // NetCDF's own 64-bit type: std::uint64_t may be another one of the same size.
  const std::vector<unsigned long long> found = all<unsigned long long>(name, dimensions);
  return {found.begin(), found.end()};
}

std::vector<std::string> ResultsFile::attributes() const {
  std::vector<std::string> names;
  for (const auto& [name, attribute] : file_.getAtts()) names.push_back(name);
  return names;
}

std::string ResultsFile::attribute_text(const std::string& name) const {
  if (!has_attribute(name)) return "";
  const netCDF::NcGroupAtt found = attribute(name);
  if (found.getType() == netCDF::ncChar || found.getType() == netCDF::ncString) return text(name);
  std::vector<double> numbers(found.getAttLength());
  found.getValues(numbers.data());
  return fmt::format("{}", fmt::join(numbers, " "));
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

// Files of popflow 0.1 may be from before instruction sets were noted.
Provenance ResultsFile::provenance() const {
  return {text("popflow_version"), text("git_revision"),
          text("compiler"),        has_attribute("instruction_set") ? text("instruction_set") : "",
          text("command_line"),    text("date")};
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

void read_results_file(const std::string& path, const std::function<void(const ResultsFile&)>& read,
                       const std::string& what) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status))
    throw InvalidResults(fmt::format("{}: cannot be read: {}", path, failure.message()));
  try {
    read(ResultsFile(path, what));
  } catch (const netCDF::exceptions::NcException& refused) {
    refuse_file(path, what, reason(refused));
  }
}

}  // namespace popflow
