#pragma once

#include "lanes/vectors.hpp"

// A kernel is a functor whose call operator is a template over the instruction set,
//
//     struct Kernel {
//       template <class Arch>
//       void operator()(Arch, arguments...) const;
//     };
//
// declared in src/<module>/<name>.hpp and defined in src/<module>/<name>_kernel.cpp, which CMake
// compiles once for each instruction set and which instantiates the operator for KernelArch alone.
// Called by dispatch(Kernel{}, arguments...).
//
// A kernel's source includes as little as it can, takes raw pointers, and keeps its helpers in an
// unnamed namespace or templates over Arch: of an inline function that several sources share the
// linker keeps one copy, and that must not be one of AVX-512 on a machine without it.

namespace popflow {

// The best first. Every x86-64 processor has SSE2.
#ifdef __x86_64__
using InstructionSets = xsimd::arch_list<xsimd::avx512bw, xsimd::fma3<xsimd::avx2>, xsimd::sse2>;
using BaselineArch = xsimd::sse2;
#else
using InstructionSets = xsimd::arch_list<xsimd::default_arch>;
using BaselineArch = xsimd::default_arch;
#endif

// The instruction set that a kernel's source is being compiled for.
#if defined(POPFLOW_KERNEL_AVX512)
using KernelArch = xsimd::avx512bw;
#elif defined(POPFLOW_KERNEL_AVX2)
using KernelArch = xsimd::fma3<xsimd::avx2>;
#else
using KernelArch = BaselineArch;
#endif

}  // namespace popflow
