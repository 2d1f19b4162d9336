#pragma once

#include <filesystem>
#include <functional>

#include "popflow/input/input.hpp"

#include "experiment/section.hpp"

namespace popflow {

/// The input that the section `class.N.input` describes. `folder` is the folder of the experiment
/// file; names of other files are relative to it. Throws Interrupted soon after `interrupted`
/// returns true.
Input read_input(const Section& section, const Torus& torus, const std::filesystem::path& folder,
                 const std::function<bool()>& interrupted = {});

}  // namespace popflow
