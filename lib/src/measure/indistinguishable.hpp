#pragma once

namespace popflow {

/// Similarities (cosines) that differ by at most this are equal to rounding.
inline constexpr double indistinguishable = 1e-14;

}  // namespace popflow
