#include "popflow/results/results.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/core.h>

#include "popflow/measure/receptive_field.hpp"

#include "results/netcdf_writing.hpp"
#include "results/results_file.hpp"

namespace popflow {

namespace {

void check(const Results& results) {
  if (results.runs.empty() || results.time.empty())
    throw std::invalid_argument("results: need at least one run and one snapshot");
  for (const std::vector<Weights>& run : results.runs) {
    if (run.size() != results.time.size())
      throw std::invalid_argument("results: every run needs one snapshot a time");
    for (const Weights& u : run)
      if (u.rows() < 1 || u.rows() != results.neurons() || u.cols() != results.torus.sites())
        throw std::invalid_argument("results: all weights must be K x N, with K at least 1");
  }
  for (const Series& series : results.series) {
    std::size_t size = results.time.size();
    for (const auto& [name, extent] : series.dimensions) size *= extent;
    if (series.values.size() != size)
      throw std::invalid_argument("results: " + series.name + " has not one value an entry");
  }
}

Dimensions add_dimensions(netCDF::NcGroup& file, const Results& results) {
  Dimensions dimensions{file.addDim("snapshot", results.time.size()),
                        file.addDim("neuron", static_cast<std::size_t>(results.neurons()))};
  for (const netCDF::NcDim& dimension : add_lattice(file, results.torus))
    dimensions.push_back(dimension);
  return dimensions;
}

std::vector<double> flattened(const std::vector<Weights>& run) {
  std::vector<double> values;
  for (const Weights& u : run) values.insert(values.end(), u.data(), u.data() + u.size());
  return values;
}

std::vector<double> participation(const std::vector<Weights>& run) {
  std::vector<double> values;
  for (const Weights& u : run)
    for (const double ipr : inverse_participation_ratios(u)) values.push_back(ipr);
  return values;
}

/// Writes variables over snapshots. For an ensemble, variables of the first run say so.
class SnapshotWriter {
 public:
  SnapshotWriter(netCDF::NcGroup& file, const std::vector<std::vector<Weights>>& runs)
      : file_(file),
        runs_(runs),
        of_first_(runs.size() == 1 ? ""
                                   : fmt::format(", of run 0 of {}: not their mean", runs.size())) {
  }

  void put_first(const std::string& name, const Dimensions& dimensions,
                 const std::string& long_name, const std::vector<double>& values) const {
    add(name, dimensions, long_name + of_first_).putVar(values.data());
  }

  void put(const netCDF::NcDim& snapshot, const Series& series) const {
    Dimensions dimensions{snapshot};
    for (const auto& [name, size] : series.dimensions) {
      const netCDF::NcDim known = file_.getDim(name);
      dimensions.push_back(known.isNull() ? file_.addDim(name, size) : known);
    }
    if (series.name == error_of("weights"))
      add(series.name, dimensions, series.description).putVar(series.values.data());
    else
      put_first(series.name, dimensions, series.description, series.values);
  }

  // Writes `name` of every run, their mean and its standard error, except variables that are there
  // already. Runs are written one after another, since all of them together may be large.
  template <class ValuesOf>
  void put_ensemble(const std::string& name, const Dimensions& dimensions,
                    const std::string& long_name, const ValuesOf& values_of) const {
    Dimensions per_run = dimensions;
    per_run.insert(per_run.begin(), file_.getDim("run"));
    const netCDF::NcVar all =
        add("run_" + name, per_run, long_name + ", of every run of the ensemble");
    std::vector<std::size_t> start(per_run.size(), 0), count{1};
    for (const netCDF::NcDim& dimension : dimensions) count.push_back(dimension.getSize());
    const auto R = static_cast<double>(runs_.size());
    Eigen::VectorXd mean;
    for (; start.front() < runs_.size(); ++start.front()) {
      const std::vector<double> values = values_of(runs_[start.front()]);
      all.putVar(start, count, values.data());
      if (mean.size() == 0) mean.setZero(static_cast<Eigen::Index>(values.size()));
      mean += vector_of(values) / R;
    }
    add("mean_" + name, dimensions, long_name + ", mean over all runs").putVar(mean.data());
    if (!file_.getVar(error_of(name)).isNull()) return;
    Eigen::VectorXd squares = Eigen::VectorXd::Zero(mean.size());
    for (const std::vector<Weights>& run : runs_)
      squares += (vector_of(values_of(run)) - mean).cwiseAbs2();
    const Eigen::VectorXd error = (squares / (R * (R - 1.0))).cwiseSqrt();
    add(error_of(name), dimensions, "standard error of mean_" + name).putVar(error.data());
  }

 private:
  static std::string error_of(const std::string& name) { return name + "_error"; }

  static Eigen::VectorXd vector_of(const std::vector<double>& values) {
    return Eigen::Map<const Eigen::VectorXd>(values.data(),
                                             static_cast<Eigen::Index>(values.size()));
  }

  netCDF::NcVar add(const std::string& name, const Dimensions& dimensions,
                    const std::string& long_name) const {
    netCDF::NcVar variable = add_variable(file_, name, dimensions, long_name);
    variable.putAtt("coordinates", "time");
    return variable;
  }

  netCDF::NcGroup& file_;
  const std::vector<std::vector<Weights>>& runs_;
  std::string of_first_;
};

void put_variables(netCDF::NcGroup& file, const Results& results) {
  const Dimensions per_site = add_dimensions(file, results);
  const Dimensions per_neuron(per_site.begin(), per_site.begin() + 2);
  const std::vector<Weights>& first = results.runs.front();
  const std::string of_weights = "first-layer weights u, one receptive field a neuron",
                    of_ipr = "inverse participation ratio of weights";
  const SnapshotWriter writer(file, results.runs);
  add_variable(file, "time", {per_site.front()}, "flow time tau").putVar(results.time.data());
  writer.put_first("weights", per_site, of_weights, flattened(first));
  writer.put_first("ipr", per_neuron, of_ipr, participation(first));
  for (const Series& series : results.series) writer.put(per_site.front(), series);
  if (results.runs.size() == 1) return;

  file.addDim("run", results.runs.size());
  writer.put_ensemble("weights", per_site, of_weights, flattened);
  writer.put_ensemble("ipr", per_neuron, of_ipr, participation);
}

std::vector<std::vector<Weights>> read_runs(const ResultsFile& file, const Torus& torus) {
  std::vector<std::string> dimensions{"snapshot", "neuron"};
  for (const std::string& name : file.lattice_dimensions()) dimensions.push_back(name);
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

Results results_in(const ResultsFile& file) {
  Results results;
  file.require_kind({"flow", "sgd", "fixed_point"});
  results.kind = file.text("kind");
  results.stop_reason = file.text("stop_reason");
  results.seed = file.integer("seed");
  results.torus = file.torus();
  results.time = file.values("time", {"snapshot"});
  results.runs = read_runs(file, results.torus);
  results.experiment = file.text("experiment");
  results.overrides = file.text("overrides");
  results.provenance = file.provenance();
  return results;
}

}  // namespace

void write_results(const std::string& path, const Results& results) {
  check(results);
  write_netcdf(path, [&](netCDF::NcGroup& file) {
    put_origin(file,
               {results.kind, results.seed, results.experiment, results.overrides, results.files,
                results.provenance},
               path);
    file.putAtt("stop_reason", results.stop_reason);
    if (results.cumulant_error)
      file.putAtt("cumulant_error", netCDF::ncDouble, *results.cumulant_error);
    put_variables(file, results);
  });
}

Results read_results(const std::string& path) {
  Results results;
  read_results_file(path, [&](const ResultsFile& file) { results = results_in(file); });
  return results;
}

std::vector<double> neglected_terms(const Results& results) {
  for (const Series& series : results.series)
    if (series.name == neglected_terms_name) return series.values;
  return {};
}

}  // namespace popflow
