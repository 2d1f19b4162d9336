#pragma once

#include <cstddef>

namespace popflow {

// x -> height erf(slope x), in place, `count` values, a multiple of 16.
template <class Real>
struct Squash {
  template <class Arch>
  void operator()(Arch, Real slope, Real height, Real* values, std::ptrdiff_t count) const;
};

}  // namespace popflow
