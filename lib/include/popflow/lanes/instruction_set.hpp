#pragma once

#include <string>

namespace popflow {

/// The instruction set that kernels use on this processor, for example "avx512bw". Between two of
/// them results differ in the last bits.
std::string instruction_set();

}  // namespace popflow
