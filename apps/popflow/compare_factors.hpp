#pragma once

#include <string>

#include "arguments.hpp"

namespace popflow {

/// The verb compare where A or B is a decomposition: matches fields of A (receptive fields at the
/// end of a run, or factors) with those of B up to shift, sign and reflection, and says what random
/// fields of A's power spectra would score. Returns the exit status.
int compare_factors(const std::string& a, const std::string& b, const PrintArguments& print);

}  // namespace popflow
