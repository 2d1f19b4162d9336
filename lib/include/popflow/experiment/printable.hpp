#pragma once

#include <string>
#include <string_view>

namespace popflow {

/// Text of a file or a command line as messages show it: with its control characters, which a
/// terminal would obey, as \xNN.
std::string printable(std::string_view text);

}  // namespace popflow
