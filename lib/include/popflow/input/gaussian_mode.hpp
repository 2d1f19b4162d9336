#pragma once

namespace popflow {

/// The Fourier modes q and -q of real fields, to be drawn from a pair of random words as two
/// independent Gaussian numbers of variance `power` / 2 each: R + i S is the mode q, R - i S the
/// mode -q. Where q = -q the mode is R.
template <class Real>
struct GaussianMode {
  int pair;      ///< number of the pair of words, among those at hand
  int mode;      ///< row-major wave number of q
  int opposite;  ///< and of -q
  Real power;
};

}  // namespace popflow
