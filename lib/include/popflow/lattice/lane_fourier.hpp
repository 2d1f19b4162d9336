#pragma once

#include <memory>

#include "popflow/lattice/lanes.hpp"
#include "popflow/lattice/torus.hpp"

namespace popflow {

/// The Fourier sum over all N modes of lanes / 2 complex fields side by side, Real float or double:
///
///     z_j = sum_q a(q) exp(+2 pi i q . j / L)
///
/// Both sides are N x lanes reals, row-major in q and j: lanes 2m and 2m + 1 are the real and the
/// imaginary part of complex field m. Two real fields f and g pass as one, f + i g, by
/// a(q) = (f^(q) + i g^(q)) / N.
///
/// Any thread may copy, run and destroy it. Copies share the plan, which is chosen by estimate and
/// never by timing.
template <class Real>
class LaneFourier {
 public:
  explicit LaneFourier(const Torus& torus);

  /// `modes` and `fields` are different arrays, aligned at least to 16 bytes. `modes` is not
  /// changed. Allocates nothing.
  void sum(const Real* modes, Real* fields) const;

 private:
  std::shared_ptr<void> plan_;  // of FFTW
};

}  // namespace popflow
