#include "results/results_file.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <netcdf.h>

#include "popflow/experiment/netcdf_access.hpp"
#include "popflow/results/decomposition.hpp"
#include "popflow/results/ladder.hpp"
#include "popflow/results/results.hpp"
#include "popflow/results/sweep_results.hpp"

#include "experiment/netcdf_reason.hpp"

namespace popflow {

namespace {

[[noreturn]] void refuse_file(const std::string& path, const std::string& what,
                              const std::string& reason) {
  throw InvalidResults(fmt::format("{}: not a {} of popflow: {}", path, what, reason));
}

// The largest factor by which compression (deflate) can make a file smaller.
constexpr std::uintmax_t most_compression = 1032;

bool is_number(const netCDF::NcType& type) {
  const netCDF::NcType::ncType found = type.getTypeClass();
  return found != netCDF::NcType::nc_CHAR && found < netCDF::NcType::nc_STRING;
}

// The contents of a file of this kind, in words.
std::string described(const std::string& kind) {
  for (const auto& [name, what] : {std::pair{"flow", "a flow (popflow flow)"},
                                   {"sgd", "training (popflow sgd)"},
                                   {"fixed_point", "a fixed point (popflow fixed-point)"},
                                   {decomposition_kind, "factors (popflow decompose)"},
                                   {sweep_kind, "a sweep (popflow sweep)"},
                                   {ladder_kind, "a ladder of flows (popflow ladder)"},
                                   {"checkpoint", "a checkpoint (popflow sgd --resume)"}})
    if (kind == name) return what;
  return fmt::format("\"{}\"", kind);
}

// 0 of what is no file, which NetCDF says when it opens it.
std::uintmax_t size_on_disk(const std::string& path) {
  std::error_code failure;
  const std::uintmax_t bytes = std::filesystem::file_size(path, failure);
  return failure ? 0 : bytes;
}

}  // namespace

ResultsFile::ResultsFile(const std::string& path, const std::string& what)
    : path_(path),
      what_(what),
      bytes_(size_on_disk(path)),
      file_(path, netCDF::NcFile::read, netCDF::NcFile::nc4) {}

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

// The number of a variable's entries, which the file can hold: what is to be allocated is not for a
// damaged file to say.
std::size_t ResultsFile::size_of(const netCDF::NcVar& variable,
                                 const std::vector<std::string>& dimensions) const {
  const std::vector<netCDF::NcDim> found = variable.getDims();
  const auto same = [](const netCDF::NcDim& dimension, const std::string& expected) {
    return dimension.getName() == expected;
  };
  if (!std::equal(found.begin(), found.end(), dimensions.begin(), dimensions.end(), same))
    refuse("variable " + variable.getName() + " has other dimensions");
  std::size_t size = 1;
  for (const netCDF::NcDim& dimension : found) {
    const std::size_t extent = dimension.getSize();
    if (extent > 0 && size > bytes_ * most_compression / extent)
      refuse("variable " + variable.getName() + " is larger than the file can hold");
    size *= extent;
  }
  return size;
}

// The library would write values whose size it is not given, such as structures.
std::vector<std::string> ResultsFile::strings(const std::string& name,
                                              const std::vector<std::string>& dimensions) const {
  const netCDF::NcVar variable = this->variable(name);
  const std::size_t size = size_of(variable, dimensions);
  if (variable.getType() != netCDF::ncString)
    refuse("variable " + name + " holds neither numbers nor strings");
  std::vector<char*> strings(size, nullptr);
  variable.getVar(strings.data());
  std::vector<std::string> result;
  result.reserve(size);
  for (const char* text : strings) result.emplace_back(text ? text : "");
  nc_free_string(strings.size(), strings.data());
  return result;
}

template <class Value>
std::vector<Value> ResultsFile::all(const std::string& name,
                                    const std::vector<std::string>& dimensions) const {
  const netCDF::NcVar variable = this->variable(name);
  std::vector<Value> result(size_of(variable, dimensions));
  if (!is_number(variable.getType())) refuse("variable " + name + " does not hold numbers");
  variable.getVar(result.data());
  return result;
}

std::vector<double> ResultsFile::values(const std::string& name,
                                        const std::vector<std::string>& dimensions) const {
  return all<double>(name, dimensions);
}

std::vector<std::uint64_t> ResultsFile::integers(const std::string& name,
                                                 const std::vector<std::string>& dimensions) const {
  // This is NetCDF's own 64-bit type; std::uint64_t may be another type of the same size.
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
  const netCDF::NcGroupAtt found = attribute(name);
  std::string value;
  if (found.getType() == netCDF::ncChar) {
    found.getValues(value);
  } else if (found.getType() == netCDF::ncString && found.getAttLength() == 1) {
    char* text = nullptr;  // as text, netcdf-cxx4 4.3.1 would leak it
    found.getValues(&text);
    value = text ? text : "";
    nc_free_string(1, &text);
  } else {
    refuse("attribute " + name + " is not text");
  }
  return value;
}

std::uint64_t ResultsFile::integer(const std::string& name) const {
  const netCDF::NcGroupAtt found = attribute(name);
  if (!is_number(found.getType()) || found.getAttLength() != 1)
    refuse("attribute " + name + " is not one number");
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

void ResultsFile::require_kind(const std::vector<std::string>& kinds) const {
  const std::string kind = text("kind");
  if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) return;
  std::vector<std::string> wanted;
  wanted.reserve(kinds.size());
  for (const std::string& each : kinds) wanted.push_back(described(each));
  throw InvalidResults(
      fmt::format("{}: holds {}: must hold {}", path_, described(kind), fmt::join(wanted, " or ")));
}

// Files of popflow 0.1 may be from before instruction sets were noted.
Provenance ResultsFile::provenance() const {
  return {text("popflow_version"), text("git_revision"),
          text("compiler"),        has_attribute("instruction_set") ? text("instruction_set") : "",
          text("command_line"),    text("date")};
}

Torus ResultsFile::torus() const {
  std::vector<int> shape;
  for (const std::string& name : lattice_dimensions()) {
    const std::size_t extent = dimension(name);
    if (extent > std::numeric_limits<int>::max()) refuse("dimension " + name + " is too large");
    shape.push_back(static_cast<int>(extent));
  }
  try {
    return Torus(shape);
  } catch (const std::invalid_argument& too_large) {
    refuse(too_large.what());
  }
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
  if (!std::filesystem::is_regular_file(status)) refuse_file(path, what, "is no regular file");
  const NetcdfAccess access;
  try {
    read(ResultsFile(path, what));
  } catch (const netCDF::exceptions::NcException& refused) {
    refuse_file(path, what, reason(refused));
  }
}

}  // namespace popflow
