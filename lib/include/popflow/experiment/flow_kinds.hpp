#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "popflow/experiment/experiment.hpp"
#include "popflow/experiment/experiment_flow.hpp"

namespace popflow {

/// Why an experiment is refused: the full name of a key, and what its value must be.
struct Refusal {
  std::string key;      ///< "network.hidden"
  std::string allowed;  ///< "must be 1"
};

/// The default tolerances of a kind of flow.
struct Tolerances {
  double relative, absolute;  ///< of IntegrationOptions
  /// FixedPointOptions::tolerance: the accuracy of the right-hand side, with a margin. Closures may
  /// average by quadratures, whose nodes change in steps with the state. On a
  /// ring of 40 sites, for example, |du/dtau| of the latent flow does not fall below 1e-6.
  double residual;
};

/// One way to close the population gradient: a value of flow.kind, and all that depends on it.
struct FlowKind {
  std::string_view name;       ///< "latent"
  std::string_view closure;    ///< the approximation that closes the gradient, in one line
  std::string_view neurons;    ///< "1" or "any"
  std::string_view exact_for;  ///< inputs or networks for which it is the population gradient
  /// Keys of section [flow] that it reads, beyond `kind`, `t_end`, `snapshots` and `t_first`.
  std::vector<std::string_view> keys;
  /// Used if section [flow] gives none. Flows from samples are integrated by fixed steps and have
  /// no tolerances.
  std::optional<Tolerances> tolerances;
  /// The reason why this kind does not take the experiment with `spec` as its section [flow];
  /// nothing if it does. Computes nothing.
  std::optional<Refusal> (*refusal)(const Experiment& experiment, const FlowSpec& spec);
  /// Makes the flow of an experiment that this kind takes; null for flows from samples.
  ExperimentFlow (*make)(const Experiment& experiment, const FlowSpec& spec,
                         const std::function<bool()>& interrupted);

  /// Whether its rates are estimated from samples (OrbitFlow).
  bool sampled() const { return make == nullptr; }
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
/// Tolerances: "quartic" is exact for the quartic loss, "gaussian" is exact for Gaussian inputs,
/// and both are cheap. Their relative and absolute tolerances are 1e-8 and 1e-10; those of the
/// other closed forms are 1e-4 and 1e-6. On the reference experiment of the ledger
/// (validation/README.md) this leaves an error of at most 3e-4 in the weights, a hundredth of the
/// closure's own error or less. With three latent directions it leaves 1.5e-3, an eighth of the
/// closure's own error of 1.2 % at that time. `validation/timing/flows.py` prints these errors.
const std::vector<FlowKind>& flow_kinds();

/// The kind of that name. Throws std::invalid_argument, with all names, if there is none.
const FlowKind& flow_kind(std::string_view name);

/// The kind that `spec` names. Throws InvalidExperiment if it does not take the experiment.
const FlowKind& applicable_kind(const Experiment& experiment, const FlowSpec& spec);

/// Why the experiment's flow cannot be of that kind, in one line ("network.hidden must be 1");
/// nothing if it can. This is quick: no flow is made. Throws InvalidExperiment if the experiment
/// has no section [flow], std::invalid_argument if there is no such kind.
///
///     for (const FlowKind& kind : flow_kinds())
///       if (const auto reason = reason_not_applicable(experiment, kind.name))
///         std::cout << kind.name << ": " << *reason << "\n";
std::optional<std::string> reason_not_applicable(const Experiment& experiment,
                                                 std::string_view kind);

/// Why the network's loss cannot be expanded to fourth order, as "quartic" does; nothing if it can.
std::optional<Refusal> expansion_refusal(const Experiment& experiment);

}  // namespace popflow
