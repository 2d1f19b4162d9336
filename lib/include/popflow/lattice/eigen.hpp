#pragma once

#include <cstddef>
#include <type_traits>

#include <Eigen/Core>

// Eigen's vectors and matrices, stored as the library stores them. Eigen chooses by the compiler's
// flags (-march, -mavx, -fsanitize=address) how it aligns memory, and whether memory comes directly
// from malloc. If one part of a program takes memory and another part gives it back, both need the
// same choice. The library's definitions therefore fix the choice: 64 bytes, which every
// instruction set can use, on the heap, on the stack and in members. Public headers that use Eigen
// include this header.

namespace popflow {

static_assert(
    EIGEN_MAX_ALIGN_BYTES == 64 && EIGEN_DEFAULT_ALIGN_BYTES == 64 &&
        EIGEN_MAX_STATIC_ALIGN_BYTES == 64 && !EIGEN_MALLOC_ALREADY_ALIGNED,
    "popflow: Eigen takes and aligns memory in another way here than in the library, which "
    "would crash. Link popflow::popflow in CMake, or compile with what `pkg-config --cflags "
    "popflow` prints (-DEIGEN_MAX_ALIGN_BYTES=64 -DEIGEN_MAX_STATIC_ALIGN_BYTES=64), and "
    "define no other EIGEN_..ALIGN.. macro");

static_assert(
    std::is_same_v<Eigen::Index, std::ptrdiff_t>,
    "popflow: Eigen counts in another type here than in the library, which would crash. Do not "
    "define EIGEN_DEFAULT_DENSE_INDEX_TYPE");

}  // namespace popflow
