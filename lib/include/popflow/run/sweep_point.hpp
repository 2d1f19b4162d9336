#pragma once

#include <cstddef>
#include <functional>

#include "popflow/experiment/sweep.hpp"
#include "popflow/results/sweep_results.hpp"

namespace popflow {

/// Computes one point by thread_count() threads. If the point fails, it holds the reason, and
/// nothing is thrown except what `interrupted` throws. The stop_reason says whether the point was
/// interrupted.
SweepPoint sweep_point(const Sweep& sweep, std::size_t point,
                       const std::function<bool()>& interrupted = {});

}  // namespace popflow
