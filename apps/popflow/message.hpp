#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace popflow {

/// Prints "popflow: MESSAGE" on standard error: in one line, and with control characters, which a
/// terminal would obey, as \xNN.
void say(std::string message);

/// Prints an object as one line on standard output, whatever bytes its strings are of.
void print_line(const nlohmann::json& object);

}  // namespace popflow
