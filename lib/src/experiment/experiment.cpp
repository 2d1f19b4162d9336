#include "popflow/experiment/experiment.hpp"

#include <cmath>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "popflow/experiment/flow_kinds.hpp"

#include "experiment/data_files.hpp"

namespace popflow {

std::string joined_overrides(const Experiment& experiment) {
  return fmt::format("{}", fmt::join(experiment.overrides, "\n"));
}

std::vector<std::string> files_read(const Experiment& experiment) {
  std::vector<std::string> files = data_paths(experiment.data, experiment.folder);
  files.push_back(path_of({experiment.file, "", experiment.folder}));
  return files;
}

ExperimentFiles files_of(const Experiment& experiment) {
  return {experiment.file, experiment.folder, experiment.data};
}

InvalidExperiment invalid(const Experiment& experiment, const std::string& key,
                          const std::string& allowed) {
  const auto origin = experiment.origins.find(key);
  const std::string where = origin != experiment.origins.end()
                                ? origin->second
                                : fmt::format("{}: {}", experiment.file, key);
  return InvalidExperiment(fmt::format("{}: {}", where, allowed));
}

Neuron single_neuron(const Experiment& experiment) {
  if (const std::optional<Refusal> refusal = expansion_refusal(experiment))
    throw invalid(experiment, refusal->key,
                  refusal->allowed + " for the quartic flow, its growth rates and its SGD");
  const NetworkSpec& network = experiment.network;
  return {network.activation, network.bias.front(), network.second_layer.front()};
}

Network network_of(const Experiment& experiment) {
  const NetworkSpec& network = experiment.network;
  return {network.activation, network.loss, network.convolution};
}

const FlowSpec& flow_spec(const Experiment& experiment) {
  if (!experiment.flow)
    throw invalid(experiment, "flow.t_end", "is missing: must be a number above 0, at most 1e9");
  return *experiment.flow;
}

const SgdSpec& sgd_spec(const Experiment& experiment) {
  if (!experiment.sgd)
    throw invalid(experiment, "sgd.t_end", "is missing: must be a number above 0, at most 1e9");
  return *experiment.sgd;
}

DecomposeSpec decompose_spec(const Experiment& experiment) {
  if (experiment.decompose) return *experiment.decompose;
  DecomposeSpec spec;
  spec.classes.assign(experiment.task.size(), 0.0);
  spec.classes.front() = 1.0;
  return spec;
}

Weights initial_weights(const Experiment& experiment) {
  const Eigen::Index sites = receptive_sites(experiment.torus(), network_of(experiment));
  const double scale = experiment.network.initial_scale / std::sqrt(static_cast<double>(sites));
  Weights u(experiment.network.hidden, sites);
  Field row(sites);
  for (int k = 0; k < experiment.network.hidden; ++k) {
    RandomStream(experiment.seed, Purpose::initial_weights, static_cast<std::uint64_t>(k))
        .fill_normal(row);
    u.row(k) = scale * row;
  }
  return u;
}

Parameters initial_parameters(const Experiment& experiment) {
  const NetworkSpec& network = experiment.network;
  const Weights first = initial_weights(experiment);
  Parameters parameters(first.rows(), first.cols());
  parameters.first() = first;
  parameters.bias() = Eigen::Map<const Eigen::VectorXd>(network.bias.data(), first.rows());
  parameters.second() =
      Eigen::Map<const Eigen::VectorXd>(network.second_layer.data(), first.rows());
  return parameters;
}

std::vector<double> snapshot_times(const FlowSpec& spec) {
  return spec.t_first > 0.0 ? log_schedule(spec.t_first, spec.t_end, spec.snapshots)
                            : linear_schedule(spec.t_end, spec.snapshots);
}

std::vector<double> snapshot_times(const SgdSpec& spec) {
  return spec.t_first > 0.0 ? log_schedule(spec.t_first, spec.t_end, spec.snapshots)
                            : linear_schedule(spec.t_end, spec.snapshots);
}

IntegrationOptions integration_options(const FlowSpec& spec) {
  IntegrationOptions options{.step_limit = static_cast<std::size_t>(spec.step_limit),
                             .stationary_rate = spec.stationary_rate};
  if (const std::optional<Tolerances>& usual = flow_kind(spec.kind).tolerances) {
    options.absolute_tolerance = usual->absolute;
    options.relative_tolerance = usual->relative;
  }
  options.absolute_tolerance = spec.absolute_tolerance.value_or(options.absolute_tolerance);
  options.relative_tolerance = spec.relative_tolerance.value_or(options.relative_tolerance);
  return options;
}

TrainingOptions training_options(const Experiment& experiment) {
  const SgdSpec& sgd = sgd_spec(experiment);
  const NetworkSpec& network = experiment.network;
  return {.learning_rate = sgd.learning_rate,
          .learning = network.learning,
          .precision = sgd.precision,
          .schedule = {.batch = sgd.batch,
                       .samples = sgd.samples,
                       .shuffle = sgd.shuffle,
                       .seed = experiment.seed},
          .gradient = sgd.gradient};
}

}  // namespace popflow
