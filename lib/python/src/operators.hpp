#pragma once

#include "popflow/moments/cumulant_operator.hpp"
#include "popflow/tensor/tiled_cumulant.hpp"

#include "values.hpp"

namespace popflow::python {

/// Operators as Python has them: with what they were made from. BoundOperator is no
/// CumulantOperator itself, because one may be destroyed without the interpreter lock.
struct BoundOperator {
  CumulantOperator kappa;
  Made made;

  const Torus& torus() const { return kappa.torus(); }
  void contract(const Spectrum& u, const Spectrum& v, const Spectrum& w, Spectrum& out) const {
    kappa.contract(u, v, w, out);
  }
  void contract(const Spectrum& u, Spectrum& out) const { kappa.contract(u, out); }
};

struct BoundTiled : TiledCumulant {
  TiledFactors factors;
};

}  // namespace popflow::python
