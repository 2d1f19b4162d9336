#pragma once

#include <vector>

#include "popflow/experiment/experiment.hpp"
#include "popflow/results/decomposition.hpp"
#include "popflow/tensor/factors.hpp"
#include "popflow/tensor/power_method.hpp"
#include "popflow/tensor/tiled_cumulant.hpp"

namespace popflow {

/// Truncation of the operators that stand for the exact cumulant: nothing that matters is left out.
inline constexpr double exact_truncation = 1e-9;

/// Whether all classes that [decompose] asks for are Gaussian.
bool vanishes(const Experiment& experiment, const DecomposeSpec& spec);

void put(Decomposition& result, const Factors& factors);
void put(Decomposition& result, const TiledFactors& factors);

/// Puts eigenvectors that are not shifts of one another up to sign, at most spec.rank, and their
/// residuals; returns them.
TiledFactors put_eigenvectors(const Torus& torus, const std::vector<ZEigenpair>& pairs,
                              const DecomposeSpec& spec, Decomposition& result);

}  // namespace popflow
