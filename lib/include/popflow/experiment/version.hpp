#pragma once

#include <string>
#include <string_view>

namespace popflow {

/// The version of the library, for example "0.1.0".
std::string_view version();

/// The git revision that the library was built from: a 12-digit hash, with "-dirty" appended if
/// tracked files had changes; "unknown" if it was built outside a git checkout.
std::string_view git_revision();

/// The compiler that built the library, for example "GNU 12.2.0".
std::string_view compiler();

/// The instruction set that kernels use on this processor, for example "avx512bw". Between two of
/// them results differ in the last bits.
std::string instruction_set();

}  // namespace popflow
