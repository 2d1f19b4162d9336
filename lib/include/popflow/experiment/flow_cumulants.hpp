#pragma once

#include <functional>
#include <vector>

#include "popflow/experiment/experiment.hpp"
#include "popflow/moments/cumulant_operator.hpp"

namespace popflow {

/// One cumulant operator for each class, as section [flow] asks, and the largest relative error
/// among them. This is the error of the tiled form, or the largest part that the band limit of the
/// exact form may leave out. Throws Interrupted soon after `interrupted`, which any thread may
/// call, returns true, and InvalidExperiment if the lattice is too large for an exact form.
struct FlowCumulants {
  std::vector<CumulantOperator> operators;
  double relative_error = 0.0;
};
FlowCumulants flow_cumulants(const Experiment& experiment, const FlowSpec& spec,
                             const std::function<bool()>& interrupted = {});

}  // namespace popflow
