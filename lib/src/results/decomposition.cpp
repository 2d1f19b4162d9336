#include "popflow/results/decomposition.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>

#include "popflow/measure/receptive_field.hpp"

#include "results/netcdf_writing.hpp"
#include "results/results_file.hpp"

namespace popflow {

namespace {

void check(const Decomposition& d) {
  const auto rank = static_cast<std::size_t>(d.factors.rows());
  if (rank < 1 || d.factors.cols() != d.torus.sites() || d.lambda.size() != d.factors.rows() ||
      (!d.residual.empty() && d.residual.size() != rank))
    throw std::invalid_argument(
        "decomposition: factors must be R x N, with R at least 1 and one weight each");
}

void put_variables(netCDF::NcGroup& file, const Decomposition& d) {
  const netCDF::NcDim factor = file.addDim("factor", static_cast<std::size_t>(d.factors.rows()));
  const Dimensions lattice = add_lattice(file, d.torus);
  const netCDF::NcDim axis = file.addDim("axis", lattice.size());
  Dimensions per_site{factor};
  per_site.insert(per_site.end(), lattice.begin(), lattice.end());

  std::vector<double> ipr, widths;
  for (const auto& row : d.factors.rowwise()) {
    const Field field = row.transpose();
    ipr.push_back(inverse_participation_ratio(field));
    const auto [along_rows, along_columns] = width(d.torus, field);
    if (d.torus.dimensions() == 2) widths.push_back(along_rows);
    widths.push_back(along_columns);
  }
  add_variable(file, "factors", per_site, "factors of the fourth cumulant, of unit length")
      .putVar(d.factors.data());
  add_variable(file, "lambda", {factor}, "signed weights").putVar(d.lambda.data());
  add_variable(file, "ipr", {factor}, "inverse participation ratio of factors").putVar(ipr.data());
  add_variable(file, "width", {factor, axis}, "width of factors", "sites").putVar(widths.data());
  const double standard_error = d.standard_error.value_or(std::numeric_limits<double>::quiet_NaN());
  add_variable(file, "relative_error", {}, "relative Frobenius error over the whole tensor")
      .putVar(&d.relative_error);
  add_variable(file, "standard_error", {}, "standard error of relative_error")
      .putVar(&standard_error);
  if (!d.rank_error.empty())
    add_variable(file, "rank_error", {file.addDim("rank", d.rank_error.size())},
                 "relative error of the best fit of rank 1, 2, ...")
        .putVar(d.rank_error.data());
  if (!d.residual.empty())
    add_variable(file, "residual", {factor}, "|T[x, x, x, .] - lambda x|")
        .putVar(d.residual.data());
}

Decomposition decomposition_in(const ResultsFile& file) {
  file.require_kind({decomposition_kind});
  Decomposition d;
  d.method = file.text("method");
  d.tiled = file.integer("tiled") != 0;
  d.samples = static_cast<std::int64_t>(file.integer("samples"));
  d.seed = file.integer("seed");
  d.torus = file.torus();
  std::vector<std::string> per_site{"factor"};
  for (const std::string& name : file.lattice_dimensions()) per_site.push_back(name);
  const auto rank = static_cast<Eigen::Index>(file.dimension("factor"));
  const std::vector<double> factors = file.values("factors", per_site);
  d.factors = Eigen::Map<const Weights>(factors.data(), rank, d.torus.sites());
  const std::vector<double> lambda = file.values("lambda", {"factor"});
  d.lambda = Eigen::Map<const Eigen::VectorXd>(lambda.data(), rank);
  d.relative_error = file.values("relative_error", {}).front();
  const double standard_error = file.values("standard_error", {}).front();
  if (!std::isnan(standard_error)) d.standard_error = standard_error;
  if (file.has_variable("rank_error")) d.rank_error = file.values("rank_error", {"rank"});
  if (file.has_variable("residual")) d.residual = file.values("residual", {"factor"});
  d.experiment = file.text("experiment");
  d.overrides = file.text("overrides");
  d.provenance = file.provenance();
  return d;
}

}  // namespace

void write_decomposition(const std::string& path, const Decomposition& d) {
  check(d);
  write_netcdf(path, [&](netCDF::NcGroup& file) {
    put_origin(file, {decomposition_kind, d.seed, d.experiment, d.overrides, d.files, d.provenance},
               path);
    file.putAtt("method", d.method);
    file.putAtt("tiled", netCDF::ncInt64, static_cast<long long>(d.tiled));
    file.putAtt("samples", netCDF::ncInt64, static_cast<long long>(d.samples));
    put_variables(file, d);
  });
}

Decomposition read_decomposition(const std::string& path) {
  Decomposition decomposition;
  read_results_file(path, [&](const ResultsFile& file) { decomposition = decomposition_in(file); });
  return decomposition;
}

std::string results_kind(const std::string& path) {
  std::string kind;
  read_results_file(path, [&](const ResultsFile& file) { kind = file.text("kind"); });
  return kind;
}

}  // namespace popflow
