#pragma once

#include "popflow/lattice/torus.hpp"

namespace popflow {

/// How a field is made from a Gaussian one, site by site: x_j = psi(z_j), with z of unit variance
/// and covariance `latent` (N entries, over displacements) and (Eq. 5)
///
///     psi(z) = scale erf(g z / sqrt 2) / Z(g),      scale z at g = 0,      scale sign z at
///     infinity
///
/// Flows that average over the latent field use these properties of an input.
struct PointwiseField {
  Field latent;
  double gain;         ///< g, from 0 (a Gaussian field) to infinity (a sign field)
  double scale = 1.0;  ///< standard deviation of x_j

  double operator()(double z) const;
};

}  // namespace popflow
