#include "popflow/experiment/flow_gradient.hpp"

#include "popflow/experiment/flow_kinds.hpp"

namespace popflow {

FlowGradient flow_gradient(const Experiment& experiment, const FlowSpec& spec,
                           const std::function<bool()>& interrupted) {
  const FlowKind& kind = applicable_kind(experiment, spec);
  if (kind.form != FlowForm::closed_form)
    throw invalid(experiment, "flow.kind", "must be that of a population gradient in closed form");
  return kind.gradient(experiment, spec, interrupted);
}

}  // namespace popflow
