#pragma once

#include <cstddef>
#include <functional>

#include "popflow/experiment/sweep.hpp"
#include "popflow/results/sweep_results.hpp"

namespace popflow {

/// Computes one point by thread_count() threads. If the point fails, the reason is recorded in it;
/// only what `interrupted` throws is thrown. An interrupted run says so in its stop_reason.
SweepPoint sweep_point(const Sweep& sweep, std::size_t point,
                       const std::function<bool()>& interrupted = {});

}  // namespace popflow
