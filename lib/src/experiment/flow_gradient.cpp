#include "popflow/experiment/flow_gradient.hpp"

#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "popflow/experiment/decompose.hpp"
#include "popflow/flow/conditional_gradient.hpp"
#include "popflow/flow/edgeworth_gradient.hpp"
#include "popflow/flow/gaussian_gradient.hpp"
#include "popflow/flow/kurtosis_gradient.hpp"
#include "popflow/flow/latent_gradient.hpp"

namespace popflow {

namespace {

class Refusals {
 public:
  Refusals(const Experiment& experiment, const FlowSpec& spec)
      : experiment_(experiment), kind_(spec.kind) {}

  void unless(bool holds, const std::string& key, const std::string& allowed) const {
    if (!holds)
      throw invalid(experiment_, key, fmt::format("{} with flow.kind = \"{}\"", allowed, kind_));
  }

 private:
  const Experiment& experiment_;
  std::string kind_;
};

bool has_gaussian_averages(const Activation& activation) {
  return std::holds_alternative<Erf>(activation) || std::holds_alternative<Relu>(activation) ||
         std::holds_alternative<Polynomial>(activation);
}

void check_network(const Experiment& experiment, const FlowSpec& spec) {
  const NetworkSpec& network = experiment.network;
  const Refusals refuse(experiment, spec);
  refuse.unless(!network.convolution, "network.kernel", "must be left out");
  if (spec.kind == "kurtosis" || spec.kind == "conditional") {
    refuse.unless(network.hidden == 1, "network.hidden", "must be 1");
    return;
  }
  if (spec.kind == "latent")
    refuse.unless(spec.latents <= experiment.torus().sites(), "flow.latents",
                  "must be at most the number of sites");
  if (spec.kind == "latent" && network.hidden == 1) return;
  refuse.unless(has_gaussian_averages(network.activation), "network.activation",
                "must be \"erf\", \"relu\" or a polynomial");
  refuse.unless(spec.kind != "edgeworth" || !std::holds_alternative<Relu>(network.activation),
                "network.activation", "must be smooth");
  refuse.unless(network.loss != Loss::logistic, "network.loss",
                "must be \"squared\" or \"correlation\"");
}

void check_inputs(const Experiment& experiment, const FlowSpec& spec) {
  if (spec.kind != "conditional" && spec.kind != "latent") return;
  for (std::size_t c = 0; c < experiment.task.size(); ++c)
    Refusals(experiment, spec)
        .unless(experiment.task[c].input.pointwise().has_value(),
                fmt::format("class.{}.input.model", c),
                "must be made from a Gaussian field site by site");
}

}  // namespace

FlowGradient flow_gradient(const Experiment& experiment, const FlowSpec& spec,
                           const std::function<bool()>& interrupted) {
  check_network(experiment, spec);
  check_inputs(experiment, spec);
  const Task& task = experiment.task;
  const Network network = network_of(experiment);
  if (spec.kind == "gaussian") return {GaussianGradient(task, network, experiment.network.hidden)};
  if (spec.kind == "latent")
    return {LatentGradient(task, network, experiment.network.hidden, {.latents = spec.latents})};
  if (spec.kind == "conditional") return {ConditionalGradient(task, network)};
  if (spec.kind != "edgeworth" && spec.kind != "kurtosis")
    throw invalid(experiment, "flow.kind", "must be that of a population gradient in closed form");
  FlowCumulants cumulants = flow_cumulants(experiment, spec, interrupted);
  if (spec.kind == "edgeworth")
    return {
        EdgeworthGradient(task, network, experiment.network.hidden, std::move(cumulants.operators)),
        cumulants.relative_error};
  return {KurtosisGradient(task, network, std::move(cumulants.operators)),
          cumulants.relative_error};
}

}  // namespace popflow
