#pragma once

#include <utility>

#include "lanes/instruction_sets.hpp"

namespace popflow {

// Runs a kernel in the best instruction set that this processor has.
template <class Kernel, class... Arguments>
void dispatch(const Kernel& kernel, Arguments&&... arguments) {
  xsimd::dispatch<InstructionSets>(kernel)(std::forward<Arguments>(arguments)...);
}

}  // namespace popflow
