#pragma once

#include <string>

namespace popflow {

/// Prints "popflow: MESSAGE" on standard error: in one line, and with control characters, which a
/// terminal would obey, as \xNN.
void say(std::string message);

}  // namespace popflow
