#pragma once

#include <functional>
#include <string>

#include "popflow/experiment/experiment.hpp"
#include "popflow/moments/fourth_cumulant.hpp"
#include "popflow/results/decomposition.hpp"

namespace popflow {

/// The cumulant that section [decompose] asks for: the weighted sum of the cumulants of its
/// classes.
FourthCumulant combined_cumulant(const Experiment& experiment, const DecomposeSpec& spec);

/// Decomposes the fourth cumulant that section [decompose] asks for. stage(text) is called when a
/// stage of the work begins. Everything but `provenance` is filled in. Throws InvalidExperiment if
/// the cumulant vanishes or the lattice is too large for the method, and Interrupted soon after
/// `interrupted`, which any thread may call, returns true.
Decomposition decompose(const Experiment& experiment,
                        const std::function<void(const std::string&)>& stage,
                        const std::function<bool()>& interrupted = {});

}  // namespace popflow
