#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace popflow {

/// Prints "popflow: MESSAGE" on standard error: in one line, and with control characters, which a
/// terminal would obey, as \xNN.
void say(std::string message);

/// A number in JSON. JSON has neither NaN nor infinities: null stands for NaN, strings for
/// infinities. Reading gives the same bits again.
nlohmann::json json_of(double value);

/// Prints an object as one line on standard output, whatever bytes its strings are of.
void print_line(const nlohmann::json& object);

}  // namespace popflow
