#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "popflow/experiment/experiment.hpp"
#include "popflow/experiment/flow_gradient.hpp"

namespace popflow {

/// Why something does not take an experiment: the full name of a key, and what its value must be.
struct Refusal {
  std::string key;      ///< "network.hidden"
  std::string allowed;  ///< "must be 1"
};

/// What a kind of flow is computed to by default.
struct Tolerances {
  double relative, absolute;  ///< of IntegrationOptions
  /// Of FixedPointOptions: what the right-hand side resolves, with a margin. The closures but
  /// "gaussian" average by quadratures that choose their nodes by the state, in steps: on a ring of
  /// 40 sites |du/dtau| of the latent flow does not fall below 1e-6.
  double residual;
};

/// What the state of a kind of flow is, and how the kind is integrated.
enum class FlowForm {
  quartic,      ///< a QuarticFlow over half-spectra, with error control
  closed_form,  ///< a GradientFlow of flow_gradient over sites, with error control
  orbit         ///< an OrbitFlow over sites, from samples, by fixed steps
};

/// One way to close the population gradient: a value of flow.kind, and all that depends on it.
struct FlowKind {
  std::string_view name;       ///< "latent"
  std::string_view closure;    ///< what it closes the gradient with, one line
  std::string_view neurons;    ///< "1" or "any"
  std::string_view exact_for;  ///< for what it is the population gradient
  FlowForm form;
  /// Keys of section [flow] that it reads, beyond `kind`, `t_end`, `snapshots` and `t_first`.
  std::vector<std::string_view> keys;
  /// Where section [flow] gives none; without any for fixed steps.
  std::optional<Tolerances> tolerances;
  /// Why it does not take an experiment, with `spec` for its section [flow]. Computes nothing.
  std::optional<Refusal> (*refusal)(const Experiment& experiment, const FlowSpec& spec);
  /// Makes the gradient of an experiment that it takes; null unless `form` is closed_form.
  FlowGradient (*gradient)(const Experiment& experiment, const FlowSpec& spec,
                           const std::function<bool()>& interrupted);
};

/// All kinds of flow, from the roughest closure to the population itself:
///
///     flow.kind      neurons   activations              losses                   inputs
///     "quartic"      one       smooth                   any                      any
///     "gaussian"     any       erf, relu, polynomials   squared, correlation     any
///     "edgeworth"    any       erf, polynomials         squared, correlation     any
///     "conditional"  one       any                      any                      pointwise
///     "kurtosis"     one       any                      any                      any
///     "latent"       one       any                      any                      pointwise
///                    several   erf, relu, polynomials   squared, correlation     pointwise
///     "orbit"        any       any                      any                      any
///
/// Pointwise inputs are made from a Gaussian field site by site (Input::pointwise). No kind takes a
/// convolution, and "quartic" takes no trained biases, no trained second layer and no weight decay.
/// Kinds with fourth cumulants take at most 512 sites with flow.cumulant = "exact".
///
/// Tolerances: "quartic" and "gaussian" are exact, for their loss and for Gaussian inputs, and
/// cheap: 1e-8 and 1e-10. The other closed forms have 1e-4 and 1e-6. On the reference experiment of
/// the ledger that leaves an error of at most 3e-4 in the weights, a hundredth of the closure's own
/// and less. With three latent directions it leaves 1.5e-3, an eighth of the closure's 1.2 % at
/// that time, and no more than their average over the directions is good for
/// (LatentOptions::tolerance). `validation/timing/flows.py` prints these errors.
const std::vector<FlowKind>& flow_kinds();

/// The kind of that name. Throws std::invalid_argument, with all names, where there is none.
const FlowKind& flow_kind(std::string_view name);

/// The kind that `spec` names. Throws InvalidExperiment where it does not take the experiment.
const FlowKind& applicable_kind(const Experiment& experiment, const FlowSpec& spec);

/// Why the experiment's flow cannot be of that kind, in one line ("network.hidden must be 1"), or
/// nothing where it can. Quick: no flow is made. Throws InvalidExperiment where the experiment has
/// no section [flow], std::invalid_argument where there is no such kind.
///
///     for (const FlowKind& kind : flow_kinds())
///       if (const auto reason = reason_not_applicable(experiment, kind.name))
///         std::cout << kind.name << ": " << *reason << "\n";
std::optional<std::string> reason_not_applicable(const Experiment& experiment,
                                                 std::string_view kind);

/// Why the network is not one neuron whose loss is expanded to fourth order.
std::optional<Refusal> expansion_refusal(const Experiment& experiment);

}  // namespace popflow
