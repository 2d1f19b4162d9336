#include "popflow/run/measurements.hpp"

#include <algorithm>
#include <stdexcept>

#include "popflow/measure/kurtosis.hpp"
#include "popflow/measure/localisation.hpp"
#include "popflow/measure/tiling.hpp"
#include "popflow/training/evaluation.hpp"

namespace popflow {

namespace {

// Uniform draws that a p-value of tiling is known from: to 0.005 at least.
constexpr int tiling_draws = 199;

// Test samples are numbered from 0 in runs of their own, apart from those of the kurtoses.
constexpr std::uint32_t test_run = 0, first_kurtosis_run = 1;

void append(std::vector<double>& values, const Eigen::VectorXd& more) {
  values.insert(values.end(), more.begin(), more.end());
}

void measure_losses(const Experiment& experiment, const std::vector<Parameters>& snapshots,
                    const std::function<bool()>& interrupted, std::vector<Series>& result) {
  const SgdSpec& sgd = sgd_spec(experiment);
  const auto evaluated = [&](Purpose purpose, std::uint32_t run, std::int64_t samples) {
    return evaluate(experiment.task, network_of(experiment), snapshots,
                    {{experiment.seed, purpose, run}, samples}, interrupted);
  };
  const auto add = [&result](const char* name, const char* description,
                             const std::vector<Evaluation>& evaluations, auto member) {
    Series series{name, description, {}, {}};
    for (const Evaluation& evaluation : evaluations) series.values.push_back(evaluation.*member);
    result.push_back(std::move(series));
  };
  const auto test = evaluated(Purpose::evaluation, test_run, sgd.test_samples);
  add("test_loss", "loss on fresh samples", test, &Evaluation::loss);
  add("test_loss_error", "standard error of test_loss", test, &Evaluation::loss_error);
  add("test_accuracy", "share of fresh samples classified correctly", test, &Evaluation::accuracy);
  if (sgd.samples == 0) return;
  const auto train =
      evaluated(Purpose::training, 0, std::min<std::int64_t>(sgd.samples, sgd.test_samples));
  add("train_loss", "loss on samples of the training set", train, &Evaluation::loss);
  add("train_accuracy", "share of samples of the training set classified correctly", train,
      &Evaluation::accuracy);
}

// The receptive fields of all snapshots, one after another, so that all see the same samples.
Weights stacked(const std::vector<Weights>& fields) {
  const Eigen::Index K = fields.front().rows();
  Weights all(K * static_cast<Eigen::Index>(fields.size()), fields.front().cols());
  for (std::size_t n = 0; n < fields.size(); ++n)
    all.middleRows(static_cast<Eigen::Index>(n) * K, K) = fields[n];
  return all;
}

void measure_kurtoses(const Experiment& experiment, const std::vector<Weights>& fields,
                      const std::function<bool()>& interrupted, std::vector<Series>& result) {
  const Eigen::Index K = fields.front().rows();
  const std::vector<std::pair<std::string, std::size_t>> dimensions{
      {"class", experiment.task.size()}, {"neuron", static_cast<std::size_t>(K)}};
  std::vector<Eigen::VectorXd> kurtosis, error;  // of every class
  const Weights all = stacked(fields);
  for (std::size_t c = 0; c < experiment.task.size(); ++c) {
    const KurtosisEstimator estimator =
        preactivation_kurtosis(experiment.task[c].input, all,
                               {.samples = std::max(2, sgd_spec(experiment).test_samples),
                                .seed = experiment.seed,
                                .run = first_kurtosis_run + static_cast<std::uint32_t>(c)},
                               interrupted);
    kurtosis.push_back(estimator.excess_kurtosis());
    error.push_back(estimator.standard_error());
  }
  const auto by_snapshot = [&](const std::vector<Eigen::VectorXd>& of_class) {
    std::vector<double> values;
    for (std::size_t n = 0; n < fields.size(); ++n)
      for (const Eigen::VectorXd& all_snapshots : of_class)
        append(values, all_snapshots.segment(static_cast<Eigen::Index>(n) * K, K));
    return values;
  };
  result.push_back(
      {"kurtosis", "excess kurtosis of the pre-activations", dimensions, by_snapshot(kurtosis)});
  result.push_back(
      {"kurtosis_error", "standard error of kurtosis", dimensions, by_snapshot(error)});
}

// Among the N sites, or those of the kernel: a kernel is no more localised for being short.
void measure_localisation(const std::vector<Parameters>& snapshots, std::vector<Series>& result) {
  Series fraction{"localised_fraction", "share of neurons whose field is localised", {}, {}};
  for (const Parameters& parameters : snapshots)
    fraction.values.push_back(localisation(parameters.first()).fraction);
  result.push_back(std::move(fraction));
}

void measure_tiling(const Experiment& experiment, const std::vector<Weights>& fields,
                    std::vector<Series>& result) {
  Series ratio{"tiling_ratio",
               "mean nearest-neighbour spacing of localised fields over that of uniform places",
               {},
               {}};
  Series p{"tiling_p", "p-value of a mean spacing as large by chance", {}, {}};
  for (const Weights& u : fields) {
    const Tiling tiles =
        tiling(experiment.torus(), localised_centres(experiment.torus(), u, localisation(u)),
               {.draws = tiling_draws, .seed = experiment.seed});
    ratio.values.push_back(tiles.ratio);
    p.values.push_back(tiles.p_even);
  }
  for (Series* series : {&ratio, &p}) result.push_back(std::move(*series));
}

}  // namespace

std::vector<Series> parameter_series(const std::vector<Parameters>& snapshots) {
  const auto K = static_cast<std::size_t>(snapshots.front().hidden());
  Series bias{"bias", "biases of the hidden neurons", {{"neuron", K}}, {}};
  Series second{"second_layer", "second-layer weights", {{"neuron", K}}, {}};
  for (const Parameters& parameters : snapshots) {
    append(bias.values, parameters.bias());
    append(second.values, parameters.second());
  }
  return {std::move(bias), std::move(second)};
}

Series weights_error(const Torus& torus, const std::vector<std::vector<Weights>>& runs) {
  if (runs.size() < 2)
    throw std::invalid_argument("standard error of the weights: needs at least two runs");
  const auto R = static_cast<double>(runs.size());
  Series series{"weights_error",
                "standard error of the mean of run_weights over runs",
                {{"neuron", static_cast<std::size_t>(runs.front().front().rows())}},
                {}};
  if (torus.dimensions() == 1)
    series.dimensions.emplace_back("site", torus.sites());
  else
    for (const auto& [name, extent] : {std::pair{"row", torus.rows()}, {"column", torus.columns()}})
      series.dimensions.emplace_back(name, extent);
  for (std::size_t n = 0; n < runs.front().size(); ++n) {
    Weights mean = Weights::Zero(runs.front()[n].rows(), torus.sites()), squares = mean;
    for (const auto& run : runs) mean += run[n] / R;
    for (const auto& run : runs) squares += (run[n] - mean).cwiseAbs2();
    append(series.values, (squares / (R * (R - 1.0))).cwiseSqrt().reshaped<Eigen::RowMajor>());
  }
  return series;
}

std::vector<Series> measurements(const Experiment& experiment,
                                 const std::vector<Parameters>& snapshots,
                                 const std::function<bool()>& interrupted) {
  if (snapshots.empty()) return {};
  std::vector<Weights> fields;
  fields.reserve(snapshots.size());
  for (const Parameters& parameters : snapshots)
    fields.push_back(
        receptive_fields(experiment.torus(), network_of(experiment), parameters.first()));
  std::vector<Series> result = parameter_series(snapshots);
  measure_localisation(snapshots, result);
  if (!experiment.network.convolution) measure_tiling(experiment, fields, result);
  if (sgd_spec(experiment).test_samples == 0) return result;
  measure_losses(experiment, snapshots, interrupted, result);
  measure_kurtoses(experiment, fields, interrupted, result);
  return result;
}

}  // namespace popflow
