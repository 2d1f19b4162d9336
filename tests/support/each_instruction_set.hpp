#pragma once

#include "lanes/instruction_sets.hpp"

namespace popflow::test {

/// Calls test(arch) with every instruction set that kernels are compiled for and this processor
/// has.
template <class Test>
void in_each_instruction_set(const Test& test) {
  InstructionSets::for_each([&](auto arch) {
    if (processor_has(arch)) test(arch);
  });
}

}  // namespace popflow::test
