#pragma once

#include <xsimd/xsimd.hpp>

// The vector library, xsimd, from version 8 on. The names that differ between its versions are
// here, and nowhere else.

namespace popflow {

// The base of all instruction sets: overloads for sets that have none of their own.
#if XSIMD_VERSION_MAJOR >= 14
using AnyArch = xsimd::common;
#else
using AnyArch = xsimd::generic;
#endif

// The sum over the lanes of a vector.
template <class T, class Arch>
T sum_of_lanes(const xsimd::batch<T, Arch>& x) {
#if XSIMD_VERSION_MAJOR >= 9
  return xsimd::reduce_add(x);
#else
  return xsimd::hadd(x);
#endif
}

// The bits of a vector, read as numbers of the type To.
template <class To, class From, class Arch>
xsimd::batch<To, Arch> same_bits(const xsimd::batch<From, Arch>& x) {
#if XSIMD_VERSION_MAJOR >= 11
  return xsimd::bitwise_cast<To>(x);
#else
  return xsimd::bitwise_cast<xsimd::batch<To, Arch>>(x);
#endif
}

// The same lanes, to choose among vectors of the real numbers Real: signed whole numbers of the
// same size were compared.
template <class Real, class Signed, class Arch>
xsimd::batch_bool<Real, Arch> same_lanes(const xsimd::batch_bool<Signed, Arch>& chosen) {
#if XSIMD_VERSION_MAJOR >= 9
  return xsimd::batch_bool_cast<Real>(chosen);
#else
  return xsimd::bool_cast(chosen);
#endif
}

// Whether this processor has the instruction set.
template <class Arch>
bool processor_has(Arch arch) {
#if XSIMD_VERSION_MAJOR >= 13
  return xsimd::available_architectures().has(arch);
#else
  return arch.version() <= xsimd::available_architectures().best;
#endif
}

}  // namespace popflow
