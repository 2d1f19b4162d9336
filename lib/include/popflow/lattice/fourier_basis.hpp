#pragma once

#include <vector>

#include "popflow/lattice/fourier.hpp"

namespace popflow {

/// The real orthonormal Fourier basis of the fields on a torus (Eq. 121): N coefficients w of a
/// field f,
///
///     w = f^(q) / sqrt N                                  of every mode q that is its own opposite
///     w = sqrt(2/N) Re f^(q),  w' = sqrt(2/N) Im f^(q)    of every pair of modes q, -q
///
/// in the order of the half-spectrum; a pair stands where the first of its two modes is stored.
/// Lengths and inner products are those of the fields. Every vector of N numbers is that of a real
/// field. Operators that commute with translations and are even, such as a covariance, are
/// diagonal.
///
/// One object serves any number of threads. Arrays must have their size, and must not overlap; all
/// functions throw std::invalid_argument for other sizes. Functions that return nothing allocate
/// nothing after a thread's first call.
class FourierBasis {
 public:
  explicit FourierBasis(const Torus& torus);

  const Torus& torus() const { return fourier_.torus(); }

  void from_sites(const Eigen::Ref<const Field>& f, Eigen::Ref<Field> w) const;
  void to_sites(const Eigen::Ref<const Field>& w, Eigen::Ref<Field> f) const;

  /// From and to half-spectra of real fields.
  void from_spectrum(const Eigen::Ref<const Spectrum>& spectrum, Eigen::Ref<Field> w) const;
  void to_spectrum(const Eigen::Ref<const Field>& w, Eigen::Ref<Spectrum> spectrum) const;

  /// The diagonal of the operator that multiplies mode q by the real number S(q) = S(-q),
  /// half_modes() entries.
  Field diagonal(const Field& S) const;

  /// The derivative of a field along one axis, in sites: the derivative of the trigonometric
  /// polynomial through its values (Eq. 97). `axis` counts the extents of Torus::shape(). The mode
  /// of wave number L/2 has no derivative at the sites and is left out. Throws
  /// std::invalid_argument for an axis that the lattice does not have.
  Field derivative(const Eigen::Ref<const Field>& w, int axis) const;

  /// A field moved along one axis by a number of sites that need not be whole: the trigonometric
  /// polynomial through its values is displaced, and evaluated at the sites (Eq. 117). Displaced by
  /// 1, it is the field itself one site further. The mode L/2 is only a cosine; its displaced
  /// cosine part is kept. Throws as derivative.
  Field displaced(const Eigen::Ref<const Field>& w, int axis, double sites) const;

 private:
  // A mode, or a pair of them, in the half-spectrum: where it is stored, where its opposite is (-1:
  // nowhere), and its first coefficient. The second coefficient of a pair follows.
  struct Entry {
    int mode, opposite, coefficient;
    bool pair;
  };

  template <class Factor>
  Field filtered(const Eigen::Ref<const Field>& w, int axis, const Factor& factor) const;

  FourierTransform fourier_;
  std::vector<Entry> entries_;
};

}  // namespace popflow
