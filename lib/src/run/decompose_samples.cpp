#include "run/decompose_samples.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "popflow/moments/band_limited_cumulant.hpp"
#include "popflow/moments/interruptible.hpp"
#include "popflow/run/decompose.hpp"
#include "popflow/tensor/exact_cumulant.hpp"
#include "popflow/tensor/orbit_cumulant.hpp"
#include "popflow/tensor/sample_cp.hpp"
#include "popflow/tensor/tiled_cp.hpp"

#include "run/put_factors.hpp"

namespace popflow {

namespace {

// Most of the squared error is noise that no factor explains: fits stop when they gain less than a
// small part of what factors matter.
constexpr double below_noise = 1e-9;

using Stage = std::function<void(const std::string&)>;
using Interruption = std::function<bool()>;

// The closed form that an estimate is held against, where there is one: not of a Gaussian law,
// whose cumulant vanishes, nor on lattices too large for a table.
std::optional<CumulantTable> truth(const Experiment& experiment, const DecomposeSpec& spec,
                                   const Interruption& interrupted) {
  if (vanishes(experiment, spec) || experiment.torus().sites() > most_exact_sites) return {};
  return CumulantTable(interruptible(combined_cumulant(experiment, spec), interrupted));
}

// |kappa - factors| / |kappa|; NaN where there is no truth.
double true_error(const std::optional<CumulantTable>& table, const Factors& factors) {
  if (!table) return std::numeric_limits<double>::quiet_NaN();
  LatticeForm form(BandLimitedCumulant(*table, exact_truncation));
  Eigen::MatrixXd image(factors.dimension(), factors.rank());
  form.contract(factors.vectors, image);
  const double overlap =
      factors.lambda.dot(factors.vectors.cwiseProduct(image).colwise().sum().transpose());
  const double norm = table->torus().sites() * table->squared_norm();
  return std::sqrt(std::max(norm - 2.0 * overlap + inner_product(factors, factors), 0.0) / norm);
}

double true_error(const std::optional<CumulantTable>& table, const TiledFactors& factors) {
  if (!table) return std::numeric_limits<double>::quiet_NaN();
  BandLimitedCumulant cumulant(*table, exact_truncation);
  LatticeForm form(cumulant);
  Eigen::MatrixXd image(factors.templates.rows(), factors.rank());
  form.contract(factors.templates, image);
  const double overlap =
      factors.lambda.dot(factors.templates.cwiseProduct(image).colwise().sum().transpose());
  const double norm = table->squared_norm();
  return std::sqrt(std::max(norm - 2.0 * overlap + inner_product(factors, factors), 0.0) / norm);
}

Eigen::MatrixXd drawn_samples(const Experiment& experiment, const DecomposeSpec& spec,
                              const SampleSource& source) {
  // The tiled fit holds the samples' spectra and powers beside them, and copies on the way.
  const double most_bytes = (spec.method == "tiled" ? 1.0 : 4.0) * (1 << 30);
  const Eigen::Index sites = experiment.torus().sites();
  if (static_cast<double>(spec.samples) * static_cast<double>(sites) * sizeof(double) > most_bytes)
    throw invalid(
        experiment, "decompose.samples",
        fmt::format("must be at most {} for {} sites, 4 GiB in all; method = \"samples\" keeps "
                    "none and takes any number",
                    static_cast<std::int64_t>(most_bytes / sizeof(double)) / sites, sites));
  Eigen::MatrixXd samples(sites, spec.samples);
  source(0, samples);
  return samples;
}

void decompose_orbit(const Experiment& experiment, const Input& input,
                     const Eigen::MatrixXd& samples, const Interruption& interrupted,
                     Decomposition& result) {
  const DecomposeSpec spec = decompose_spec(experiment);
  TemplateSymmetry symmetry;
  if (spec.symmetric_templates.value_or(false)) symmetry = input.symmetry();
  const Torus& torus = experiment.torus();
  // The norm only says where the squared error has its zero. Fewer samples have a larger one, on
  // average; the margin is for its scatter, since below zero the fit would stop.
  constexpr Eigen::Index enough = 500;
  constexpr double margin = 1.5;
  const double squared_norm =
      margin *
      OrbitCumulant(torus, samples.leftCols(std::min(samples.cols(), enough))).squared_norm();
  const std::vector<TiledCpFit> fits = tiled_cp(OrbitCumulant(torus, samples), squared_norm,
                                                {.rank = spec.rank,
                                                 .starts = spec.starts,
                                                 .seed = experiment.seed,
                                                 .symmetry = symmetry,
                                                 .tolerance = below_noise,
                                                 .interrupted = interrupted});
  put(result, fits.back().factors);
  const std::optional<CumulantTable> table = truth(experiment, spec, interrupted);
  result.relative_error = true_error(table, fits.back().factors);
  if (table)
    for (const TiledCpFit& fit : fits) result.rank_error.push_back(true_error(table, fit.factors));
}

void decompose_stream(const Experiment& experiment, const SampleSource& source, const Stage& stage,
                      const Interruption& interrupted, Decomposition& result) {
  const DecomposeSpec spec = decompose_spec(experiment);
  FreshSampleCpOptions options;
  options.start = {.rank = spec.rank,
                   .starts = spec.starts,
                   .seed = experiment.seed,
                   .tolerance = below_noise,
                   .interrupted = interrupted};
  options.batch = std::min<Eigen::Index>(options.batch, spec.samples / 2);
  options.first = std::min<Eigen::Index>(options.first, spec.samples / 2);
  options.steps = static_cast<int>((spec.samples - options.first) / options.batch);
  const auto observe = [&](const FreshSampleCpState& state) {
    stage(fmt::format("{} of {} samples", state.samples, spec.samples));
  };
  const FreshSampleCpFit fit =
      symmetric_cp_from_fresh_samples(source, experiment.torus().sites(), options, observe);
  put(result, fit.factors);
  result.samples = static_cast<std::int64_t>(fit.samples);
  result.relative_error = true_error(truth(experiment, spec, interrupted), fit.factors);
}

}  // namespace

void decompose_samples(const Experiment& experiment, const DecomposeSpec& spec, const Stage& stage,
                       const Interruption& interrupted, Decomposition& result) {
  const auto chosen = std::max_element(spec.classes.begin(), spec.classes.end());
  const Input& input =
      experiment.task[static_cast<std::size_t>(chosen - spec.classes.begin())].input;
  const SampleSource source = fresh_samples(input, experiment.seed);
  if (spec.method == "samples")
    return decompose_stream(experiment, source, stage, interrupted, result);

  stage("samples");
  Eigen::MatrixXd samples = drawn_samples(experiment, spec, source);
  stage(spec.method);
  if (spec.method == "tiled")
    return decompose_orbit(experiment, input, samples, interrupted, result);
  if (spec.method == "power") {
    SampleCumulant form(std::move(samples));
    put_eigenvectors(experiment.torus(),
                     z_eigenpairs(form, {.starts = spec.starts,
                                         .seed = experiment.seed,
                                         .power = {.interrupted = interrupted}}),
                     spec, result);
    result.relative_error = std::numeric_limits<double>::quiet_NaN();
    return;
  }
  const SymmetricCpFit fit =
      symmetric_cp_from_samples(std::move(samples), {.rank = spec.rank,
                                                     .starts = spec.starts,
                                                     .seed = experiment.seed,
                                                     .tolerance = below_noise,
                                                     .interrupted = interrupted});
  put(result, fit.factors);
  result.relative_error = true_error(truth(experiment, spec, interrupted), fit.factors);
}

}  // namespace popflow
