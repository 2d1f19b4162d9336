#pragma once

#include <filesystem>
#include <functional>

#include "popflow/input/input.hpp"

#include "experiment/section.hpp"

namespace popflow {

/// The input that the section `class.N.input` describes. `folder` is that of the experiment file,
/// to which the names of other files are relative. Throws Interrupted where `interrupted` says so.
Input read_input(const Section& section, const Torus& torus, const std::filesystem::path& folder,
                 const std::function<bool()>& interrupted = {});

}  // namespace popflow
