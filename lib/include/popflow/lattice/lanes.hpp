#pragma once

namespace popflow {

/// How many samples are treated side by side: one single-precision register of AVX-512.
inline constexpr int lanes = 16;

}  // namespace popflow
