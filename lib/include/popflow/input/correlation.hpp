#pragma once

#include "popflow/lattice/torus.hpp"

namespace popflow {

/// The negative spectral mass up to which a correlation passes for a covariance.
inline constexpr double largest_negative_mass = 1e-9;

/// How the Gaussian correlation exp(-r^2 / xi^2) is made periodic.
enum class Wrapping {
  periodised,  ///< sum over all images, normalised to 1 at r = 0: a covariance for every xi
  nearest      ///< nearest image only, as in the public code of [IG22]: not always a covariance
};

/// Correlation C(a) over displacements, C(0) = 1: along each axis a Gaussian of correlation length
/// xi in lattice sites (Eq. 3). Throws std::invalid_argument unless xi is positive and finite, and
/// if nearest wrapping has a negative spectral mass above 1e-9.
Field gaussian_correlation(const Torus& torus, double correlation_length,
                           Wrapping wrapping = Wrapping::periodised);

/// The spectrum S(q) = sum_a C(a) exp(-2 pi i q . a / L) of an even covariance: half_modes() real
/// entries. Rounding may leave entries of order -1e-16.
Field covariance_spectrum(const Torus& torus, const Field& covariance);

/// Sum of the negative entries of the whole spectrum, made positive, over the sum of all |entries|.
double negative_spectral_mass(const Torus& torus, const Field& covariance);

}  // namespace popflow
