#pragma once

#include <functional>
#include <string>

#include "popflow/experiment/experiment.hpp"
#include "popflow/moments/fourth_cumulant.hpp"
#include "popflow/results/decomposition.hpp"

namespace popflow {

/// The cumulant that [decompose] asks for: the weighted sum of its classes'.
FourthCumulant combined_cumulant(const Experiment& experiment, const DecomposeSpec& spec);

/// Takes apart the fourth cumulant that [decompose] asks for; `stage` is told what is being done.
/// Everything but `provenance` is filled in. Throws InvalidExperiment if the cumulant vanishes or
/// the lattice is too large for the method, and Interrupted soon after `interrupted`, which any
/// thread may call, returns true.
Decomposition decompose(const Experiment& experiment,
                        const std::function<void(const std::string&)>& stage,
                        const std::function<bool()>& interrupted = {});

}  // namespace popflow
