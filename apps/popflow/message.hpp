#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace popflow {

/// Prints "popflow: MESSAGE" on standard error: in one line, and with control characters, which a
/// terminal would obey, as \xNN.
void say(std::string message);

/// A number as it stands in JSON, which has neither NaN nor infinities: null stands for the first,
/// strings for the others. The same bits are read again.
nlohmann::json json_of(double value);

/// Prints an object as one line on standard output, whatever bytes its strings are of.
void print_line(const nlohmann::json& object);

}  // namespace popflow
