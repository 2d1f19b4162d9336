#pragma once

#include <string>
#include <vector>

#include "popflow/experiment/experiment.hpp"

namespace popflow {

/// A warning, in one line, that a flow by expansion neglects terms above largest_neglected_terms
/// (flow/expansion.hpp). It says how large they are at most, from which tau on they are too large,
/// and which kinds of flow do not expand. Empty if no terms are too large. `neglected_terms` has
/// one value for each time, or none at all.
std::string neglected_terms_message(const Experiment& experiment, const std::vector<double>& time,
                                    const std::vector<double>& neglected_terms);

}  // namespace popflow
