#pragma once

#include "popflow/lattice/fourier.hpp"

namespace popflow {

/// The derivative of a field along one axis, in sites: that of the trigonometric polynomial through
/// its values (Eq. 97). `axis` counts the extents of Torus::shape(). The mode of wave number
/// L/2 has none at the sites and is left out. Throws std::invalid_argument for an axis that the
/// lattice lacks, or a field of another size.
Field lattice_derivative(const FourierTransform& fourier, const Field& field, int axis);

/// A field moved along one axis by a number of sites that need not be whole: the values at the
/// sites of the trigonometric polynomial through its values, displaced (Eq. 117). By one site it is
/// the field itself, one site further. Of the mode L/2, which has a cosine only, it keeps the
/// cosine's part. Throws as lattice_derivative.
Field displaced(const FourierTransform& fourier, const Field& field, int axis, double sites);

}  // namespace popflow
