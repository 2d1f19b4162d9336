#include <algorithm>
#include <stdexcept>

#include "popflow/experiment/results.hpp"
#include "popflow/measure/receptive_field.hpp"

#include "experiment/netcdf_writing.hpp"

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
    for (const auto& row : u.rowwise())
      values.push_back(inverse_participation_ratio(Field(row.transpose())));
  return values;
}

void put_series(netCDF::NcGroup& file, const netCDF::NcDim& snapshot, const Series& series) {
  Dimensions dimensions{snapshot};
  for (const auto& [name, size] : series.dimensions) {
    const netCDF::NcDim known = file.getDim(name);
    dimensions.push_back(known.isNull() ? file.addDim(name, size) : known);
  }
  add_variable(file, series.name, dimensions, series.description).putVar(series.values.data());
}

void put_variables(netCDF::NcGroup& file, const Results& results) {
  const Dimensions per_site = add_dimensions(file, results);
  const Dimensions per_neuron(per_site.begin(), per_site.begin() + 2);
  const std::vector<Weights>& first = results.runs.front();
  add_variable(file, "time", {per_site.front()}, "flow time tau").putVar(results.time.data());
  add_variable(file, "weights", per_site, "first-layer weights u, one receptive field a neuron")
      .putVar(flattened(first).data());
  add_variable(file, "ipr", per_neuron, "inverse participation ratio of weights")
      .putVar(participation(first).data());
  for (const Series& series : results.series) put_series(file, per_site.front(), series);
  if (results.runs.size() == 1) return;

  Dimensions per_run = per_site;
  per_run.insert(per_run.begin(), file.addDim("run", results.runs.size()));
  netCDF::NcVar variable = add_variable(file, "run_weights", per_run,
                                        "first-layer weights u of every run of the ensemble");
  std::vector<std::size_t> start(per_run.size(), 0), count;
  for (const netCDF::NcDim& dimension : per_run) count.push_back(dimension.getSize());
  count.front() = 1;
  for (; start.front() < results.runs.size(); ++start.front())
    variable.putVar(start, count, flattened(results.runs[start.front()]).data());
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

}  // namespace popflow
