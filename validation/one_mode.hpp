#pragma once

#include "popflow/lattice/fourier.hpp"
#include "popflow/lattice/half_spectrum.hpp"

/// The largest share of sum_q |u^(q)|^2, of a field on a ring, that one mode and its conjugate
/// have.
inline double share_of_one_mode(const popflow::Torus& ring, const popflow::Field& u) {
  const popflow::Field power = popflow::mode_multiplicity(ring).array() *
                               popflow::FourierTransform(ring).forward(u).array().abs2();
  return power.maxCoeff() / power.sum();
}
