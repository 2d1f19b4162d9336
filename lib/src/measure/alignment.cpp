#include "popflow/measure/alignment.hpp"

#include "measure/check_size.hpp"

namespace popflow {

namespace {

constexpr double indistinguishable = 1e-14;

// c(d) = sum_i a_i b_{i+d}, over displacements.
Field cross_correlation(FourierTransform& fourier, const Eigen::Ref<const Field>& a,
                        const Eigen::Ref<const Field>& b) {
  const Spectrum a_modes = fourier.forward(a);
  const Spectrum b_modes = fourier.forward(b);
  return fourier.backward(a_modes.conjugate().cwiseProduct(b_modes));
}

}  // namespace

Alignment align(FourierTransform& fourier, const Eigen::Ref<const Field>& a,
                const Eigen::Ref<const Field>& b) {
  const Torus& torus = fourier.torus();
  check_size(torus, a.size());
  check_size(torus, b.size());
  // |s T a - b|^2 = |a|^2 + |b|^2 - 2 s c(T)
  const Field correlation = cross_correlation(fourier, a, b);
  const double enough =
      correlation.lpNorm<Eigen::Infinity>() - indistinguishable * a.norm() * b.norm();
  int shift = 0;
  while (shift + 1 < torus.sites() && !(std::abs(correlation[shift]) >= enough)) ++shift;
  const int sign = correlation[shift] < 0.0 ? -1 : 1;
  const Field aligned = sign * shifted(torus, a, shift);
  return {shift, sign, aligned, relative_error(aligned, b)};
}

Weights aligned(FourierTransform& fourier, const Weights& a, const Weights& target) {
  if (a.rows() != target.rows())
    throw std::invalid_argument("alignment: the two must have as many rows");
  Weights result(a.rows(), a.cols());
  for (Eigen::Index k = 0; k < a.rows(); ++k)
    result.row(k) = align(fourier, a.row(k), target.row(k)).aligned;
  return result;
}

}  // namespace popflow
