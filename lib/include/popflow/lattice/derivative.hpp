#pragma once

#include "popflow/lattice/fourier.hpp"

namespace popflow {

/// The derivative of a field along one axis, in sites: the derivative of the trigonometric
/// polynomial through its values (Eq. 97). `axis` counts the extents of Torus::shape(). The mode of
/// wave number L/2 has no derivative at the sites and is left out. Throws std::invalid_argument for
/// an axis that the lattice does not have, and for a field of another size.
Field lattice_derivative(const FourierTransform& fourier, const Field& field, int axis);

/// A field moved along one axis by a number of sites that need not be whole: the trigonometric
/// polynomial through its values is displaced, and evaluated at the sites (Eq. 117). Displaced by
/// 1, it is the field itself one site further. The mode L/2 is only a cosine; its displaced cosine
/// part is kept. Throws as lattice_derivative.
Field displaced(const FourierTransform& fourier, const Field& field, int axis, double sites);

}  // namespace popflow
