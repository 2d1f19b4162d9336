#pragma once

#include <string_view>

namespace popflow {

/// The version of the library, for example "0.1.0".
std::string_view version();

/// The git revision that the library was built from: a 12-digit hash, with "-dirty" appended if
/// tracked files had changes; "unknown" if it was built outside a git checkout.
std::string_view git_revision();

/// The compiler that built the library, for example "GNU 12.2.0".
std::string_view compiler();

}  // namespace popflow
