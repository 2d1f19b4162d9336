#pragma once

#include <functional>
#include <vector>

#include "popflow/experiment/experiment.hpp"
#include "popflow/moments/cumulant_operator.hpp"

namespace popflow {

/// One cumulant operator a class, as [flow] asks for, and the largest relative error among them:
/// that of the tiled form, or what band-limiting the exact one leaves out at most. Throws
/// Interrupted soon after `interrupted`, asked by any thread, says true, and InvalidExperiment
/// where the lattice is too large for an exact one.
struct FlowCumulants {
  std::vector<CumulantOperator> operators;
  double relative_error = 0.0;
};
FlowCumulants flow_cumulants(const Experiment& experiment, const FlowSpec& spec,
                             const std::function<bool()>& interrupted = {});

}  // namespace popflow
