#pragma once

namespace popflow {

/// The number of samples that are treated side by side: one single-precision register of AVX-512.
inline constexpr int lanes = 16;

}  // namespace popflow
