#pragma once

#include "popflow/lattice/torus.hpp"

namespace popflow {

/// The largest error that stated moments may have, relative to the variance or to the largest entry
/// of the spectrum. It is large enough for moments that were computed in single precision.
inline constexpr double rounding_of_stated_moments = 1e-5;

/// Checks of an input's second moments that need no sample. Both throw std::invalid_argument, which
/// names the displacement or the mode.
///
/// A covariance must have N finite entries, be positive at displacement 0, nowhere larger than
/// there, and the same at opposite displacements.
void check_stated_covariance(const Torus& torus, const Field& covariance);

/// A spectrum must have half_modes() finite entries, none of them negative, and be that of the
/// covariance, which must have been checked.
void check_stated_spectrum(const Torus& torus, const Field& covariance, const Field& spectrum);

}  // namespace popflow
