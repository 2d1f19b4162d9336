#pragma once

#include "popflow/lattice/fourier.hpp"
#include "popflow/lattice/torus.hpp"

namespace popflow {

/// The number of the N modes that each entry of a half-spectrum stands for, 1 or 2: half_modes()
/// entries.
Field mode_multiplicity(const Torus& torus);

/// Where each of the N modes (row-major wave numbers, 0 <= q < L along every axis) is stored in a
/// half-spectrum, and whether the stored value must be conjugated.
struct StoredMode {
  int index;
  bool conjugate;
};
std::vector<StoredMode> stored_modes(const Torus& torus);

/// sum_j a_j b_j, from the half-spectra (Parseval, Eq. 2). `multiplicity` as given by
/// mode_multiplicity, `sites` is N.
template <class A, class B>
double inner_product(const Field& multiplicity, int sites, const A& a, const B& b) {
  return (multiplicity.array() *
          (a.real().array() * b.real().array() + a.imag().array() * b.imag().array()))
             .sum() /
         sites;
}

/// The half-spectra of fields, N x P, one a column.
Eigen::MatrixXcd spectra_of(const FourierTransform& fourier,
                            const Eigen::Ref<const Eigen::MatrixXd>& fields);

/// c(d) = sum_i a_i b_{i+d} over all displacements d (Eq. 25), N entries, of the two fields that
/// have these half-spectra. Throws std::invalid_argument unless both have half_modes() entries.
/// `cross_correlate` writes it to `out`, which has its size already, and allocates nothing after a
/// thread's first call.
Field cross_correlation(const FourierTransform& fourier, const Eigen::Ref<const Spectrum>& a,
                        const Eigen::Ref<const Spectrum>& b);
void cross_correlate(const FourierTransform& fourier, const Eigen::Ref<const Spectrum>& a,
                     const Eigen::Ref<const Spectrum>& b, Eigen::Ref<Field> out);

/// Makes `spectrum` (half_modes() entries) exactly that of a real field. A half-spectrum stores
/// both q and -q in column 0 and, on an even lattice, in the last column. There each entry is
/// replaced by the mean of itself and the conjugate of its partner. Computed spectra are conjugate
/// only to rounding.
void make_hermitian(const Torus& torus, Eigen::Ref<Spectrum> spectrum);

/// Spreads a real half-spectrum (an even field's) over all N modes, row-major.
Field full_spectrum(const Torus& torus, const Field& half);

}  // namespace popflow
