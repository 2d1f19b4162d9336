#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/core.h>
#include <netcdf>

#include "popflow/experiment/results.hpp"

#include "experiment/netcdf_reason.hpp"

namespace popflow {

namespace {

/// An open results file, which says what is missing.
class ResultsFile {
 public:
  explicit ResultsFile(const std::string& path)
      : path_(path), file_(path, netCDF::NcFile::read, netCDF::NcFile::nc4) {}

  [[noreturn]] void refuse(const std::string& reason) const {
    throw InvalidResults(fmt::format("{}: not a results file of popflow: {}", path_, reason));
  }

  bool has_dimension(const std::string& name) const { return !file_.getDim(name).isNull(); }
  bool has_variable(const std::string& name) const { return !file_.getVar(name).isNull(); }

  std::size_t dimension(const std::string& name) const {
    const netCDF::NcDim dimension = file_.getDim(name);
    if (dimension.isNull() || dimension.getSize() == 0) refuse("no dimension " + name);
    return dimension.getSize();
  }

  /// All values of a variable, which must have these dimensions.
  std::vector<double> values(const std::string& name,
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

  std::string text(const std::string& name) const {
    std::string value;
    attribute(name).getValues(value);
    return value;
  }

  std::uint64_t integer(const std::string& name) const {
    const netCDF::NcGroupAtt found = attribute(name);
    if (found.getAttLength() != 1) refuse("attribute " + name + " is not one number");
    long long value = 0;
    found.getValues(&value);
    return static_cast<std::uint64_t>(value);
  }

 private:
  netCDF::NcGroupAtt attribute(const std::string& name) const {
    const auto attributes = file_.getAtts();
    const auto found = attributes.find(name);
    if (found == attributes.end()) refuse("no attribute " + name);
    return found->second;
  }

  std::string path_;
  netCDF::NcFile file_;
};

Torus read_torus(const ResultsFile& file) {
  if (file.has_dimension("site")) return Torus({static_cast<int>(file.dimension("site"))});
  return Torus(
      {static_cast<int>(file.dimension("row")), static_cast<int>(file.dimension("column"))});
}

std::vector<std::vector<Weights>> read_runs(const ResultsFile& file, const Torus& torus) {
  std::vector<std::string> dimensions{"snapshot", "neuron"};
  if (torus.dimensions() == 1)
    dimensions.emplace_back("site");
  else
    dimensions.insert(dimensions.end(), {"row", "column"});
  const bool ensemble = file.has_variable("run_weights");
  if (ensemble) dimensions.insert(dimensions.begin(), "run");

  const std::vector<double> values = file.values(ensemble ? "run_weights" : "weights", dimensions);
  const auto neurons = static_cast<Eigen::Index>(file.dimension("neuron"));
  std::vector<std::vector<Weights>> runs(ensemble ? file.dimension("run") : 1);
  const double* next = values.data();
  for (std::vector<Weights>& run : runs)
    for (std::size_t snapshot = 0; snapshot < file.dimension("snapshot"); ++snapshot) {
      run.emplace_back(Eigen::Map<const Weights>(next, neurons, torus.sites()));
      next += run.back().size();
    }
  return runs;
}

Results read(const ResultsFile& file) {
  Results results;
  results.kind = file.text("kind");
  results.stop_reason = file.text("stop_reason");
  results.seed = file.integer("seed");
  results.torus = read_torus(file);
  results.time = file.values("time", {"snapshot"});
  results.runs = read_runs(file, results.torus);
  results.experiment = file.text("experiment");
  results.overrides = file.text("overrides");
  results.provenance = {file.text("popflow_version"), file.text("git_revision"),
                        file.text("compiler"), file.text("command_line"), file.text("date")};
  return results;
}

}  // namespace

Results read_results(const std::string& path) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status))
    throw InvalidResults(fmt::format("{}: cannot be read: {}", path, failure.message()));
  try {
    return read(ResultsFile(path));
  } catch (const netCDF::exceptions::NcException& refused) {
    throw InvalidResults(
        fmt::format("{}: not a results file of popflow: {}", path, reason(refused)));
  }
}

}  // namespace popflow
