#pragma once

#include <stdexcept>

#include <Eigen/Core>

#include "popflow/lattice/fourier.hpp"
#include "popflow/network/weights.hpp"

namespace popflow {

/// |a - b| / |b|, in the Euclidean (Frobenius) norm, of two fields or of two sets of weights; at
/// least 0. Without a scale, b = 0, it is 0 for a = 0 too and infinite otherwise.
/// Throws std::invalid_argument unless the shapes agree.
template <class A, class B>
double relative_error(const Eigen::MatrixBase<A>& a, const Eigen::MatrixBase<B>& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols())
    throw std::invalid_argument("relative error: the two arrays must have the same shape");
  const double distance = (a - b).norm();
  return distance == 0.0 ? 0.0 : distance / b.norm();
}

/// The displacement of the largest |c(d)|; of those that rounding cannot tell apart (within 1e-14
/// `norms`, with `norms` = |a| |b| of the correlated fields) the one of the smallest number.
int best_shift(const Eigen::Ref<const Field>& correlation, double norms);

/// How one field is brought onto another.
struct Alignment {
  int shift;              ///< displacement T, a site number: T a = shifted(torus, a, shift)
  int sign;               ///< s, +1 or -1
  Field aligned;          ///< s T a
  double relative_error;  ///< |s T a - b| / |b|
};

/// The shift T and sign s that bring `a` closest to `b` (Eq. 25): those of the largest entry in
/// magnitude of the cross-correlation of a and b, by FFT in O(N log N). If shifts are equally good,
/// best_shift takes the first, so that a field aligned already, periodic or not, stays where it is.
/// Throws std::invalid_argument unless a and b have N entries.
Alignment align(const FourierTransform& fourier, const Eigen::Ref<const Field>& a,
                const Eigen::Ref<const Field>& b);

/// `a`, K x N, with every row aligned with its row of `target` by a shift and sign of its own.
/// Throws std::invalid_argument unless the shapes agree and fit the lattice.
Weights aligned(const FourierTransform& fourier, const Weights& a, const Weights& target);

}  // namespace popflow
