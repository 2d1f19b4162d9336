#pragma once

#include <string>

#include "experiment/value.hpp"

namespace popflow {

/// Parses a TOML file. Throws InvalidExperiment, naming file and line.
Value parse_document(const std::string& file, const std::string& text);

/// Parses the value of an override; what is not TOML is a string.
Value parse_override(const std::string& where, const std::string& text);

}  // namespace popflow
