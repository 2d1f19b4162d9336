#pragma once

#include <functional>

#include "popflow/moments/fourth_cumulant.hpp"

namespace popflow {

/// The same cumulant, whose entries are 0 while `interrupted`, asked by the thread that wants the
/// entry, says true: what is made of them then ends soon, and means nothing. Empty is never.
FourthCumulant interruptible(const FourthCumulant& kappa, std::function<bool()> interrupted);

}  // namespace popflow
