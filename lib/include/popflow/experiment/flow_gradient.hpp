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

/// The gradient that spec.kind names, of an experiment that this kind takes (flow_kinds). Throws
/// InvalidExperiment for all others, and for kinds that are no gradient in closed form: "quartic"
/// and "orbit". `interrupted` is as in flow_cumulants.
FlowGradient flow_gradient(const Experiment& experiment, const FlowSpec& spec,
                           const std::function<bool()>& interrupted = {});

}  // namespace popflow
