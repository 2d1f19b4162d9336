#pragma once

#include <cstdint>
#include <vector>

#include "popflow/input/gaussian_mode.hpp"
#include "popflow/input/lane_fields.hpp"
#include "popflow/lattice/lane_fourier.hpp"
#include "popflow/lattice/torus.hpp"

namespace popflow {

/// Draws Gaussian fields of a spectrum side by side: a complex Gaussian number for every pair of
/// modes q and -q (Eq. 56), then one Fourier sum, in which two fields share a complex transform.
///
/// Every pair of modes, numbered by wavelength, has two 32-bit words of its own. The normals are
/// those of Box-Muller on uniforms of 32 bits, so none is larger than 6.8; that takes 1e-10 from
/// the variance of a mode and 2e-9 from its fourth moment.
///
/// Modes whose power is below 2^-48 of the largest are left out: their amplitude is below the
/// rounding of single precision, their power that of the computed spectrum itself. The covariance
/// loses less by them than any statistical error. The set is the same in both precisions.
template <class Real>
class LaneSampler {
 public:
  /// `spectrum` S(q) >= 0, half_modes() entries.
  LaneSampler(const Torus& torus, const Field& spectrum);

  /// Fields number `indices` of a key, into `out`, N x lanes. Allocates nothing. Throws
  /// std::invalid_argument for another size.
  void sample(const SampleKey& key, LaneIndices indices, LaneView<Real> out);

 private:
  // Modes that are drawn together, so that their random words stay in the processor's cache.
  struct Portion {
    int first_block;
    int blocks;
    std::vector<GaussianMode<Real>> modes;
  };

  // The portion of a pair of words, grown to hold it; pairs come in increasing order.
  Portion& portion_of(int pair);

  LaneFourier<Real> fourier_;
  std::vector<Portion> portions_;
  LaneStorage<std::uint32_t> words_;
  LaneStorage<Real> modes_;  // N x lanes; the modes that are not drawn remain 0
};

}  // namespace popflow
