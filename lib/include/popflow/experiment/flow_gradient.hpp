#pragma once

#include <functional>
#include <optional>

#include "popflow/experiment/experiment.hpp"
#include "popflow/flow/closed_form_gradient.hpp"

namespace popflow {

/// The population gradient of an experiment in closed form. Where it needs cumulant operators, also
/// their relative error, as FlowCumulants states it.
struct FlowGradient {
  ClosedFormGradient gradient;
  std::optional<double> cumulant_error = {};
};

/// The gradient that flow.kind names, of a fully connected network:
///
///     flow.kind      neurons   activations              losses                   inputs
///     "gaussian"     any       erf, relu, polynomials   squared, correlation     any
///     "edgeworth"    any       erf, polynomials         squared, correlation     any
///     "kurtosis"     one       any                      any                      any
///     "conditional"  one       any                      any                      pointwise
///     "latent"       one       any                      any                      pointwise
///                    several   erf, relu, polynomials   squared, correlation     pointwise
///
/// Pointwise inputs are made from a Gaussian field site by site (Input::pointwise). Throws
/// InvalidExperiment for all else, for the kinds "quartic" and "orbit", and for lattices too large
/// for the table of a cumulant. `interrupted` is as in flow_cumulants.
FlowGradient flow_gradient(const Experiment& experiment, const FlowSpec& spec,
                           const std::function<bool()>& interrupted = {});

}  // namespace popflow
