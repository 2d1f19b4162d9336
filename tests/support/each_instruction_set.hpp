#pragma once

#include "lanes/instruction_sets.hpp"

namespace popflow::test {

/// Calls test(arch) with every instruction set that kernels are compiled for and this processor
/// has.
template <class Test>
void in_each_instruction_set(const Test& test) {
  InstructionSets::for_each([&](auto arch) {
    if (arch.version() <= xsimd::available_architectures().best) test(arch);
  });
}

}  // namespace popflow::test
