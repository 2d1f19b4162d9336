#pragma once

#include <string>
#include <string_view>

namespace popflow {

/// Text of a file or a command line for messages. Control characters, which a terminal would obey,
/// are shown as \xNN.
std::string printable(std::string_view text);

}  // namespace popflow
