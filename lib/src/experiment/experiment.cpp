#include "popflow/experiment/experiment.hpp"

#include <cmath>

#include <fmt/core.h>

namespace popflow {

InvalidExperiment invalid(const Experiment& experiment, const std::string& key,
                          const std::string& allowed) {
  const auto origin = experiment.origins.find(key);
  const std::string where = origin != experiment.origins.end()
                                ? origin->second
                                : fmt::format("{}: {}", experiment.file, key);
  return InvalidExperiment(fmt::format("{}: {}", where, allowed));
}

Neuron single_neuron(const Experiment& experiment) {
  const NetworkSpec& network = experiment.network;
  if (network.hidden != 1)
    throw invalid(experiment, "network.hidden",
                  "must be 1 for this: the quartic flow, its growth rates and this version's SGD "
                  "have one neuron");
  return {network.activation, network.bias.front(), network.second_layer.front()};
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
  const int sites = experiment.torus().sites();
  const double scale = experiment.network.initial_scale / std::sqrt(sites);
  Weights u(experiment.network.hidden, sites);
  Field row(sites);
  for (int k = 0; k < experiment.network.hidden; ++k) {
    RandomStream(experiment.seed, Purpose::initial_weights, static_cast<std::uint64_t>(k))
        .fill_normal(row);
    u.row(k) = scale * row;
  }
  return u;
}

}  // namespace popflow
