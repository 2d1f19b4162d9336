#pragma once

namespace popflow {

/// Similarities (cosines) that rounding cannot tell apart differ by at most this.
inline constexpr double indistinguishable = 1e-14;

}  // namespace popflow
