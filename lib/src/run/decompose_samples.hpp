#pragma once

#include <functional>
#include <string>

#include "popflow/experiment/experiment.hpp"
#include "popflow/results/decomposition.hpp"

namespace popflow {

/// decompose() of a cumulant that is estimated from spec.samples samples: puts the factors, and
/// their error against the closed form, NaN where there is none.
void decompose_samples(const Experiment& experiment, const DecomposeSpec& spec,
                       const std::function<void(const std::string&)>& stage,
                       const std::function<bool()>& interrupted, Decomposition& result);

}  // namespace popflow
