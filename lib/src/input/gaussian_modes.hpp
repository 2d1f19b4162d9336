#pragma once

#include <cstdint>

#include "popflow/input/gaussian_mode.hpp"
#include "popflow/lattice/lanes.hpp"

namespace popflow {

// Draws `count` modes of fields side by side into `spectrum`, N x lanes, other rows untouched.
// Lanes 2m and 2m + 1 hold the complex modes a(q) = (f^(q) + i g^(q)) / N of their real fields f
// and g, as LaneFourier takes them. `words` are lanes words a row, rows 2p and 2p + 1 pair p; both
// arrays are aligned to 64 bytes.
template <class Real>
struct DrawModes {
  template <class Arch>
  void operator()(Arch, const std::uint32_t* words, const GaussianMode<Real>* modes, int count,
                  Real* spectrum) const;
};

}  // namespace popflow
