#pragma once

#include <filesystem>

#include "popflow/input/input.hpp"

#include "experiment/section.hpp"

namespace popflow {

/// The input that the section `class.N.input` describes. `folder` is that of the experiment file,
/// to which the names of other files are relative.
Input read_input(const Section& section, const Torus& torus, const std::filesystem::path& folder);

}  // namespace popflow
