#pragma once

#include <vector>

#include <Eigen/Core>

#include "popflow/measure/tiling.hpp"
#include "popflow/network/weights.hpp"

namespace popflow {

/// The concentration N IPR above which a receptive field counts as localised: twice a Gaussian
/// vector's, four times a sinusoid's, six times a uniform field's (Eq. 46).
inline constexpr double localised_concentration = 6.0;

/// The receptive fields that are localised, and their share.
struct Localisation {
  Eigen::Array<bool, Eigen::Dynamic, 1> localised;  ///< of every neuron, K entries
  double fraction;                                  ///< of the neurons, in [0, 1]
};

/// The receptive fields, rows of the K x N weights, that occupy fewer than N / concentration sites:
/// N IPR > concentration (Eq. 46). A field of zeros is not localised. By the default, bumps are
/// localised for s < 0.066 L on a ring and s < 0.16 sqrt(L1 L2) on a torus, and nothing is on 6
/// sites or fewer. Like the IPR, this ignores where the weights lie: two distant bumps pass, and a
/// stripe along one axis of a torus may. It also ignores whether the field would be as wide on a
/// larger lattice. Throws std::invalid_argument unless K, N >= 1 and concentration >= 1.
Localisation localisation(const Weights& u, double concentration = localised_concentration);

/// Centres (Eq. 24) of the localised receptive fields, in the order of the neurons: at most K.
/// Fields without a centre along some axis, such as stripes, are left out. The centre of a field
/// that is nearly uniform along an axis is kept and means little along that axis; `width` shows
/// this.
/// Throws std::invalid_argument unless u is K x N, for the K neurons of `of` and the lattice's N
/// sites.
std::vector<Point> localised_centres(const Torus& torus, const Weights& u, const Localisation& of);

}  // namespace popflow
