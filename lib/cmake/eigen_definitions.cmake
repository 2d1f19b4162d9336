# How Eigen is used, by the library and by all that includes its headers. No threads of its own. Memory
# that is aligned, taken and given back in one way with any flags: see popflow/lattice/eigen.hpp. (16
# bytes straight from malloc would not do: with AVX, Eigen's products read the blocks that they take
# from the heap 32 bytes at a time, and take it that these are aligned so. The stack needs 64 bytes too:
# stableNorm copies a part of a vector there, and assumes the alignment of the vector.)
set(eigen_definitions
  EIGEN_DONT_PARALLELIZE EIGEN_MAX_ALIGN_BYTES=64 EIGEN_MAX_STATIC_ALIGN_BYTES=64)
