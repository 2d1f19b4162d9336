#include "popflow/measure/alignment.hpp"

#include <cmath>

#include "popflow/lattice/half_spectrum.hpp"

#include "measure/check_size.hpp"
#include "measure/indistinguishable.hpp"

namespace popflow {

int best_shift(const Eigen::Ref<const Field>& correlation, double norms) {  // (Eq. 25)
  const double enough = correlation.lpNorm<Eigen::Infinity>() - indistinguishable * norms;
  int shift = 0;
  while (shift + 1 < correlation.size() && !(std::abs(correlation[shift]) >= enough)) ++shift;
  return shift;
}

Alignment align(const FourierTransform& fourier, const Eigen::Ref<const Field>& a,
                const Eigen::Ref<const Field>& b) {
  const Torus& torus = fourier.torus();
  check_size(torus, a.size());
  check_size(torus, b.size());
  // |s T a - b|^2 = |a|^2 + |b|^2 - 2 s c(T)
  const Field correlation = cross_correlation(fourier, fourier.forward(a), fourier.forward(b));
  const int shift = best_shift(correlation, a.norm() * b.norm());
  const int sign = correlation[shift] < 0.0 ? -1 : 1;
  const Field aligned = sign * shifted(torus, a, shift);
  return {shift, sign, aligned, relative_error(aligned, b)};
}

Weights aligned(const FourierTransform& fourier, const Weights& a, const Weights& target) {
  if (a.rows() != target.rows())
    throw std::invalid_argument("alignment: the two must have as many rows");
  Weights result(a.rows(), a.cols());
  for (Eigen::Index k = 0; k < a.rows(); ++k)
    result.row(k) = align(fourier, a.row(k), target.row(k)).aligned;
  return result;
}

}  // namespace popflow
