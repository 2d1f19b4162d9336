#include "popflow/experiment/flow_kinds.hpp"

#include <algorithm>
#include <initializer_list>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "popflow/dynamics/gradient_flow.hpp"
#include "popflow/experiment/flow_cumulants.hpp"
#include "popflow/flow/conditional_gradient.hpp"
#include "popflow/flow/edgeworth_gradient.hpp"
#include "popflow/flow/gaussian_gradient.hpp"
#include "popflow/flow/kurtosis_gradient.hpp"
#include "popflow/flow/latent_gradient.hpp"
#include "popflow/flow/quartic_flow.hpp"
#include "popflow/tensor/exact_cumulant.hpp"

namespace popflow {

namespace {

using Keys = std::vector<std::string_view>;
using Interruption = std::function<bool()>;

constexpr Tolerances of_exact_flow{.relative = 1e-8, .absolute = 1e-10, .residual = 1e-12};
constexpr Tolerances of_closure{.relative = 1e-4, .absolute = 1e-6, .residual = 1e-5};

// The first that refuses, if any does.
std::optional<Refusal> first_of(std::initializer_list<std::optional<Refusal>> refusals) {
  for (const std::optional<Refusal>& refusal : refusals)
    if (refusal) return refusal;
  return {};
}

std::optional<Refusal> unless(bool holds, const char* key, std::string allowed) {
  if (holds) return {};
  return Refusal{key, std::move(allowed)};
}

std::optional<Refusal> unless_connected(const Experiment& experiment) {
  return unless(!experiment.network.convolution, "network.kernel", "must be left out");
}

std::optional<Refusal> unless_one_neuron(const Experiment& experiment) {
  return unless(experiment.network.hidden == 1, "network.hidden", "must be 1");
}

std::optional<Refusal> unless_smooth(const Experiment& experiment) {
  return unless(!std::holds_alternative<Relu>(experiment.network.activation), "network.activation",
                "must be smooth");
}

// Closed forms of the averages over two Gaussian pre-activations.
std::optional<Refusal> unless_paired(const Experiment& experiment) {
  const NetworkSpec& network = experiment.network;
  const Activation& activation = network.activation;
  return first_of(
      {unless(std::holds_alternative<Erf>(activation) || std::holds_alternative<Relu>(activation) ||
                  std::holds_alternative<Polynomial>(activation),
              "network.activation", "must be \"erf\", \"relu\" or a polynomial"),
       unless(network.loss != Loss::logistic, "network.loss",
              "must be \"squared\" or \"correlation\"")});
}

std::optional<Refusal> unless_pointwise(const Experiment& experiment) {
  for (std::size_t c = 0; c < experiment.task.size(); ++c)
    if (!experiment.task[c].input.pointwise())
      return Refusal{fmt::format("class.{}.input.model", c),
                     "must be made from a Gaussian field site by site"};
  return {};
}

// The refusal of lattices that are too large for exact fourth cumulants (flow_cumulants).
std::optional<Refusal> unless_small_enough(const Experiment& experiment, const FlowSpec& spec) {
  if (spec.cumulant != "exact" || experiment.torus().sites() <= most_exact_sites) return {};
  for (const TaskClass& c : experiment.task)
    if (!c.input.is_gaussian() && !c.input.cumulant_operator())
      return Refusal{"lattice.shape",
                     fmt::format("must have at most {} sites unless flow.cumulant = \"tiled\"",
                                 most_exact_sites)};
  return {};
}

std::optional<Refusal> quartic_refusal(const Experiment& experiment, const FlowSpec& spec) {
  return first_of({expansion_refusal(experiment), unless_small_enough(experiment, spec)});
}

std::optional<Refusal> gaussian_refusal(const Experiment& experiment, const FlowSpec&) {
  return first_of({unless_connected(experiment), unless_paired(experiment)});
}

std::optional<Refusal> edgeworth_refusal(const Experiment& experiment, const FlowSpec& spec) {
  return first_of({unless_connected(experiment), unless_smooth(experiment),
                   unless_paired(experiment), unless_small_enough(experiment, spec)});
}

std::optional<Refusal> conditional_refusal(const Experiment& experiment, const FlowSpec&) {
  return first_of(
      {unless_connected(experiment), unless_one_neuron(experiment), unless_pointwise(experiment)});
}

std::optional<Refusal> kurtosis_refusal(const Experiment& experiment, const FlowSpec& spec) {
  return first_of({unless_connected(experiment), unless_one_neuron(experiment),
                   unless_small_enough(experiment, spec)});
}

std::optional<Refusal> latent_refusal(const Experiment& experiment, const FlowSpec&) {
  const bool pairs = experiment.network.hidden > 1;
  return first_of({unless_connected(experiment),
                   pairs ? unless_paired(experiment) : std::optional<Refusal>{},
                   unless_pointwise(experiment)});
}

std::optional<Refusal> orbit_refusal(const Experiment& experiment, const FlowSpec&) {
  return unless_connected(experiment);
}

template <PopulationGradient Gradient>
ExperimentFlow flow_down(const Experiment& experiment, Gradient gradient,
                         std::optional<double> cumulant_error = {}) {
  return {GradientFlow(std::move(gradient), initial_parameters(experiment),
                       experiment.network.learning),
          cumulant_error};
}

ExperimentFlow quartic_flow(const Experiment& experiment, const FlowSpec& spec,
                            const Interruption& interrupted) {
  const Neuron neuron = single_neuron(experiment);
  FlowCumulants cumulants = flow_cumulants(experiment, spec, interrupted);
  return {
      QuarticFlow(experiment.task, neuron, experiment.network.loss, std::move(cumulants.operators)),
      cumulants.relative_error};
}

ExperimentFlow gaussian_flow(const Experiment& experiment, const FlowSpec&, const Interruption&) {
  return flow_down(experiment, GaussianGradient(experiment.task, network_of(experiment),
                                                experiment.network.hidden));
}

ExperimentFlow edgeworth_flow(const Experiment& experiment, const FlowSpec& spec,
                              const Interruption& interrupted) {
  FlowCumulants cumulants = flow_cumulants(experiment, spec, interrupted);
  return flow_down(experiment,
                   EdgeworthGradient(experiment.task, network_of(experiment),
                                     experiment.network.hidden, std::move(cumulants.operators)),
                   cumulants.relative_error);
}

ExperimentFlow conditional_flow(const Experiment& experiment, const FlowSpec&,
                                const Interruption&) {
  return flow_down(experiment, ConditionalGradient(experiment.task, network_of(experiment)));
}

ExperimentFlow kurtosis_flow(const Experiment& experiment, const FlowSpec& spec,
                             const Interruption& interrupted) {
  FlowCumulants cumulants = flow_cumulants(experiment, spec, interrupted);
  return flow_down(
      experiment,
      KurtosisGradient(experiment.task, network_of(experiment), std::move(cumulants.operators)),
      cumulants.relative_error);
}

ExperimentFlow latent_flow(const Experiment& experiment, const FlowSpec& spec,
                           const Interruption&) {
  return flow_down(
      experiment, LatentGradient(experiment.task, network_of(experiment), experiment.network.hidden,
                                 {.latents = spec.latents}));
}

Keys together(Keys keys, const Keys& more) {
  keys.insert(keys.end(), more.begin(), more.end());
  return keys;
}

}  // namespace

const std::vector<FlowKind>& flow_kinds() {
  const Keys error_control{"relative_tolerance", "absolute_tolerance", "stationary_rate",
                           "step_limit"};
  const Keys with_cumulants = together(error_control, {"truncation", "cumulant", "rank"});
  static const std::vector<FlowKind> kinds{
      {"quartic", "the loss expanded to fourth order in the weights", "1", "small weights",
       with_cumulants, of_exact_flow, &quartic_refusal, &quartic_flow},
      {"gaussian", "Gaussian inputs of the same covariance", "any", "Gaussian inputs",
       error_control, of_exact_flow, &gaussian_refusal, &gaussian_flow},
      {"edgeworth", "the fourth cumulant to first order", "any",
       "Gaussian inputs; quadratic neurons", with_cumulants, of_closure, &edgeworth_refusal,
       &edgeworth_flow},
      {"conditional", "the pre-activation Gaussian given one input [LSG24]", "1", "Gaussian inputs",
       error_control, of_closure, &conditional_refusal, &conditional_flow},
      {"kurtosis", "a mixture with the pre-activation's variance and kurtosis", "1",
       "Gaussian inputs; quadratic neurons", with_cumulants, of_closure, &kurtosis_refusal,
       &kurtosis_flow},
      {"latent", "the pre-activation Gaussian given `flow.latents` directions of the latent field",
       "any", "Gaussian inputs; all directions", together(error_control, {"latents"}), of_closure,
       &latent_refusal, &latent_flow},
      {"orbit",
       "nothing: samples and all their shifts, with standard errors",
       "any",
       "everything, to its noise",
       {"samples", "step", "runs"},
       {},
       &orbit_refusal,
       nullptr}};
  return kinds;
}

const FlowKind& flow_kind(std::string_view name) {
  const std::vector<FlowKind>& kinds = flow_kinds();
  const auto found = std::find_if(kinds.begin(), kinds.end(),
                                  [name](const FlowKind& kind) { return kind.name == name; });
  if (found != kinds.end()) return *found;
  Keys names;
  for (const FlowKind& kind : kinds) names.push_back(kind.name);
  throw std::invalid_argument(
      fmt::format("\"{}\" is no kind of flow: must be one of {}", name, fmt::join(names, ", ")));
}

const FlowKind& applicable_kind(const Experiment& experiment, const FlowSpec& spec) {
  const FlowKind& kind = flow_kind(spec.kind);
  if (const std::optional<Refusal> refusal = kind.refusal(experiment, spec))
    throw invalid(experiment, refusal->key,
                  fmt::format("{} with flow.kind = \"{}\"", refusal->allowed, kind.name));
  return kind;
}

std::optional<std::string> reason_not_applicable(const Experiment& experiment,
                                                 std::string_view kind) {
  const FlowSpec& spec = flow_spec(experiment);
  const std::optional<Refusal> refusal = flow_kind(kind).refusal(experiment, spec);
  if (!refusal) return {};
  return refusal->key + " " + refusal->allowed;
}

std::optional<Refusal> expansion_refusal(const Experiment& experiment) {
  const Learning& learning = experiment.network.learning;
  const auto unless_zero = [](double rate, const char* key) {
    return unless(!(rate > 0.0), key, "must be 0");
  };
  return first_of({unless_one_neuron(experiment), unless_connected(experiment),
                   unless_smooth(experiment), unless_zero(learning.bias_rate, "network.bias_rate"),
                   unless_zero(learning.second_layer_rate, "network.second_layer_rate"),
                   unless_zero(learning.l1, "network.l1"), unless_zero(learning.l2, "network.l2")});
}

}  // namespace popflow
