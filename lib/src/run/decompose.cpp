#include "popflow/run/decompose.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>

#include <fmt/core.h>

#include "popflow/moments/band_limited_cumulant.hpp"
#include "popflow/moments/interrupted.hpp"
#include "popflow/moments/interruptible.hpp"
#include "popflow/moments/zero_cumulant.hpp"
#include "popflow/tensor/power_method.hpp"
#include "popflow/tensor/signed_weights.hpp"
#include "popflow/tensor/subspace_power.hpp"
#include "popflow/tensor/symmetric_cp.hpp"
#include "popflow/tensor/symmetric_tensor.hpp"
#include "popflow/tensor/tiled_fit.hpp"

#include "run/decompose_samples.hpp"
#include "run/put_factors.hpp"

namespace popflow {

namespace {

struct Request {
  const Experiment& experiment;
  const DecomposeSpec& spec;
  const std::function<bool()>& interrupted;
};

// How far from one another sites may be and still matter.
Field reach(const Experiment& experiment, const DecomposeSpec& spec) {
  Field sum = Field::Zero(experiment.torus().sites());
  for (std::size_t c = 0; c < experiment.task.size(); ++c)
    sum += std::abs(spec.classes[c]) * experiment.task[c].input.covariance().cwiseAbs();
  return sum;
}

Decomposition started(const Experiment& experiment, const DecomposeSpec& spec) {
  Decomposition result;
  result.method = spec.method;
  result.samples = spec.samples;
  result.torus = experiment.torus();
  result.seed = experiment.seed;
  result.experiment = experiment.text;
  result.overrides = joined_overrides(experiment);
  result.files = files_of(experiment);
  return result;
}

void decompose_tiled(const Request& request, const FourthCumulant& kappa, Decomposition& result) {
  const auto& [experiment, spec, interrupted] = request;
  const TiledFit fit = tiled_fit(
      kappa, reach(experiment, spec),
      {.rank = spec.rank,
       .starts = spec.starts,
       .seed = experiment.seed,
       .interrupted = interrupted},
      {.entries = static_cast<int>(spec.entries), .symmetric_templates = spec.symmetric_templates});
  put(result, fit.factors);
  result.relative_error = fit.relative_error;
  result.standard_error = fit.standard_error;
  result.rank_error = fit.rank_error;
}

void decompose_symmetric(const Request& request, const CumulantTable& table,
                         Decomposition& result) {
  const auto& [experiment, spec, interrupted] = request;
  LatticeForm form(BandLimitedCumulant(table, exact_truncation));
  const SymmetricCpFit fit = symmetric_cp(form, table.torus().sites() * table.squared_norm(),
                                          {.rank = spec.rank,
                                           .starts = spec.starts,
                                           .seed = experiment.seed,
                                           .interrupted = interrupted});
  put(result, fit.factors);
  result.relative_error = fit.relative_error;
}

// The error of the eigenvectors as templates, with the best weights.
double tiled_error(const CumulantTable& table, LatticeForm& form, TiledFactors factors) {
  const Eigen::Index rank = factors.rank();
  Eigen::MatrixXd quartic(rank, rank), image(factors.templates.rows(), rank);
  form.contract(factors.templates, image);
  const Eigen::VectorXd overlap = factors.templates.cwiseProduct(image).colwise().sum();
  for (Eigen::Index r = 0; r < rank; ++r)
    for (Eigen::Index s = 0; s < rank; ++s)
      quartic(r, s) = inner_product(
          {factors.torus, Eigen::VectorXd::Ones(1), factors.templates.col(r)},
          TiledFactors{factors.torus, Eigen::VectorXd::Ones(1), factors.templates.col(s)});
  const auto [signs, scale] = optimal_weights(quartic, overlap);
  const Eigen::VectorXd lambda = signs.array() * scale.array().pow(4);
  const double squared =
      table.squared_norm() - 2.0 * lambda.dot(overlap) + lambda.dot(quartic * lambda);
  return std::sqrt(std::max(squared, 0.0) / table.squared_norm());
}

void decompose_power(const Request& request, const CumulantTable& table, Decomposition& result) {
  const auto& [experiment, spec, interrupted] = request;
  LatticeForm form(BandLimitedCumulant(table, exact_truncation));
  const PowerSearch search{
      .starts = spec.starts, .seed = experiment.seed, .power = {.interrupted = interrupted}};
  const TiledFactors factors =
      put_eigenvectors(table.torus(), z_eigenpairs(form, search), spec, result);
  result.relative_error = tiled_error(table, form, factors);
}

void decompose_subspace(const Request& request, const CumulantTable& table, Decomposition& result) {
  const auto& [experiment, spec, interrupted] = request;
  constexpr int most_sites = 64;
  if (table.torus().sites() > most_sites)
    throw invalid(experiment, "lattice.shape",
                  fmt::format("must have at most {} sites for decompose.method = \"subspace\", "
                              "which takes eigenvectors over pairs of sites",
                              most_sites));
  const SubspacePowerFit fit =
      subspace_power(SymmetricTensor(table),
                     {.rank = spec.rank, .seed = experiment.seed, .interrupted = interrupted});
  put(result, fit.factors);
  result.relative_error = fit.relative_error;
}

void decompose_closed_form(const Request& request,
                           const std::function<void(const std::string&)>& stage,
                           Decomposition& result) {
  const auto& [experiment, spec, interrupted] = request;
  const FourthCumulant kappa = interruptible(combined_cumulant(experiment, spec), interrupted);
  if (spec.method == "tiled") {
    stage("tiled CP");
    return decompose_tiled(request, kappa, result);
  }
  stage("fourth cumulant");
  const CumulantTable table(kappa, std::size_t{1} << 30);
  if (!(table.squared_norm() > 0.0) || !std::isfinite(table.squared_norm()))
    throw std::invalid_argument("the sum of the classes' cumulants vanishes, or overflows");
  stage(spec.method);
  if (spec.method == "symmetric") return decompose_symmetric(request, table, result);
  if (spec.method == "power") return decompose_power(request, table, result);
  decompose_subspace(request, table, result);
}

}  // namespace

FourthCumulant combined_cumulant(const Experiment& experiment, const DecomposeSpec& spec) {
  std::vector<double> weights;
  std::vector<FourthCumulant> cumulants;
  LatticeSymmetry symmetry{true, experiment.torus().rows() == experiment.torus().columns()};
  for (std::size_t c = 0; c < experiment.task.size(); ++c) {
    const Input& input = experiment.task[c].input;
    if (spec.classes[c] == 0.0 || input.is_gaussian()) continue;
    weights.push_back(spec.classes[c]);
    cumulants.push_back(fourth_cumulant(input));
    symmetry.axis_reflections = symmetry.axis_reflections && input.symmetry().axis_reflections;
    symmetry.axis_exchange = symmetry.axis_exchange && input.symmetry().axis_exchange;
  }
  if (cumulants.empty()) symmetry = {};
  // Without a covariance the four-point function is the cumulant.
  return {experiment.torus(), Field::Zero(experiment.torus().sites()),
          [weights, cumulants](int a, int b, int c) {
            double sum = 0.0;
            for (std::size_t k = 0; k < weights.size(); ++k)
              sum += weights[k] * cumulants[k](a, b, c);
            return sum;
          },
          symmetry};
}

Decomposition decompose(const Experiment& experiment,
                        const std::function<void(const std::string&)>& stage,
                        const std::function<bool()>& interrupted) {
  const DecomposeSpec spec = decompose_spec(experiment);
  if (spec.samples == 0 && vanishes(experiment, spec))
    throw invalid(experiment, "decompose.class",
                  "must have a class that is not Gaussian: the fourth cumulant vanishes");
  Decomposition result = started(experiment, spec);
  try {
    if (spec.samples > 0)
      decompose_samples(experiment, spec, stage, interrupted, result);
    else
      decompose_closed_form({experiment, spec, interrupted}, stage, result);
  } catch (const std::length_error& too_large) {
    throw invalid(experiment, "lattice.shape", too_large.what());
  } catch (const std::invalid_argument& refused) {
    throw invalid(experiment, "decompose", refused.what());
  }
  check_interrupted(interrupted);  // since a fit that is interrupted returns the best so far
  return result;
}

}  // namespace popflow
