#pragma once

#include <concepts>
#include <vector>

#include "popflow/lattice/torus.hpp"

namespace popflow {

/// The symmetries of a law on a torus beyond shifts and inversion, which every law has. On a ring
/// there are none: the reflection of its axis is inversion.
struct LatticeSymmetry {
  /// Each axis may be reflected by itself.
  bool axis_reflections = false;
  /// The two axes may be exchanged: only where both extents are the same.
  bool axis_exchange = false;

  bool operator==(const LatticeSymmetry&) const = default;
};

/// The symmetries of a function of displacements, N entries, up to rounding (1e-14 of its largest
/// entry). If all moments of a law are functions of its covariance, the law has the symmetries of
/// the covariance.
LatticeSymmetry symmetry_of(const Torus& torus, const Field& covariance);

/// The symmetries that a model states by its member symmetry(); none if it has no such member.
template <class Model>
LatticeSymmetry stated_symmetry(const Model& model) {
  if constexpr (requires {
                  { model.symmetry() } -> std::convertible_to<LatticeSymmetry>;
                })
    return model.symmetry();
  return {};
}

/// Throws std::invalid_argument for an exchange of axes that are not two of the same extent.
void check_symmetry(const Torus& torus, const LatticeSymmetry& symmetry);

/// All different maps of displacements, N entries each, that inversion and `symmetry` generate: at
/// most eight, the identity first. Throws as check_symmetry.
std::vector<std::vector<int>> displacement_maps(const Torus& torus,
                                                const LatticeSymmetry& symmetry);

}  // namespace popflow
