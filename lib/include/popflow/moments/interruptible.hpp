#pragma once

#include <functional>

#include "popflow/moments/fourth_cumulant.hpp"

namespace popflow {

/// The same cumulant, whose entries throw Interrupted if `interrupted`, asked by the thread that
/// wants the entry, says true. Empty is never.
FourthCumulant interruptible(const FourthCumulant& kappa, std::function<bool()> interrupted);

}  // namespace popflow
