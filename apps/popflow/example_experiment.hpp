#pragma once

namespace popflow {

/// The text of apps/quickstart.toml: a commented experiment file that every verb takes.
extern const char* const example_experiment;

}  // namespace popflow
