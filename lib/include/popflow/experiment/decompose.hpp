#pragma once

#include <functional>
#include <string>
#include <vector>

#include "popflow/experiment/decomposition.hpp"
#include "popflow/experiment/experiment.hpp"
#include "popflow/moments/cumulant_operator.hpp"
#include "popflow/moments/fourth_cumulant.hpp"

namespace popflow {

/// The cumulant that [decompose] asks for: the weighted sum of its classes'.
FourthCumulant combined_cumulant(const Experiment& experiment, const DecomposeSpec& spec);

/// Takes apart the fourth cumulant that [decompose] asks for; `stage` is told what is being done.
/// Everything but `provenance` is filled in. Where `interrupted`, asked by any thread, says so, it
/// ends early, with factors or an error that mean nothing. Throws InvalidExperiment where the
/// cumulant vanishes or the lattice is too large for the method.
Decomposition decompose(const Experiment& experiment,
                        const std::function<void(const std::string&)>& stage,
                        const std::function<bool()>& interrupted = {});

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
