#pragma once

#include "popflow/lattice/fourier.hpp"

namespace popflow {

/// The fourth cumulant of a Gaussian input: it vanishes, on a lattice of any size.
class ZeroCumulant {
 public:
  explicit ZeroCumulant(const Torus& torus) : torus_(torus) {}

  const Torus& torus() const { return torus_; }

  void contract(const Spectrum&, const Spectrum&, const Spectrum&, Spectrum& out) const {
    out.setZero();
  }
  void contract(const Spectrum&, Spectrum& out) const { out.setZero(); }

 private:
  Torus torus_;
};

}  // namespace popflow
