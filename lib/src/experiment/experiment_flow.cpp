#include "popflow/experiment/experiment_flow.hpp"

#include "popflow/experiment/flow_kinds.hpp"

namespace popflow {

ExperimentFlow experiment_flow(const Experiment& experiment, const FlowSpec& spec,
                               const std::function<bool()>& interrupted) {
  const FlowKind& kind = applicable_kind(experiment, spec);
  if (kind.sampled()) throw invalid(experiment, "flow.kind", "must not be sampled");
  return kind.make(experiment, spec, interrupted);
}

ExperimentFlow experiment_flow(const Experiment& experiment,
                               const std::function<bool()>& interrupted) {
  return experiment_flow(experiment, flow_spec(experiment), interrupted);
}

void check_fixed_point(const Experiment& experiment) {
  if (applicable_kind(experiment, flow_spec(experiment)).sampled())
    throw invalid(experiment, "flow.kind", "must not be sampled, for a fixed point");
}

}  // namespace popflow
