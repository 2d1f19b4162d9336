#pragma once

#include "popflow/lattice/fourier.hpp"

namespace popflow {

/// The derivative of a field along one axis, in sites: that of the trigonometric polynomial through
/// its values (Eq. 97). `axis` counts the extents of Torus::shape(). The mode of wave number
/// L/2 has none at the sites and is left out. Throws std::invalid_argument for an axis that the
/// lattice lacks, or a field of another size.
Field lattice_derivative(FourierTransform& fourier, const Field& field, int axis);

}  // namespace popflow
