#pragma once

#include <memory>

#include <Eigen/Core>

#include "popflow/lattice/torus.hpp"

namespace popflow {

/// Half-spectrum of a real field: rows x (columns / 2 + 1) complex entries, row-major.
/// The other modes follow from f^(-q) = conj f^(q).
using Spectrum = Eigen::VectorXcd;

/// The discrete Fourier transform of real fields on a torus (Eq. 1):
///
///     forward   f^(q) = sum_j f_j exp(-2 pi i q . j / L)
///     backward  f_j   = 1/N sum_q f^(q) exp(+2 pi i q . j / L)
///
/// One object serves any number of threads; copies share the plans. Plans are chosen by estimate,
/// never by timing, so the same input gives the same bits in every run.
class FourierTransform {
 public:
  explicit FourierTransform(const Torus& torus);

  const Torus& torus() const { return torus_; }

  /// `field` has N entries, `spectrum` half_modes() entries; both must have their size already.
  /// Allocates nothing after a thread's first call. Throws std::invalid_argument for other sizes.
  void forward(const Eigen::Ref<const Field>& field, Eigen::Ref<Spectrum> spectrum) const;
  void backward(const Eigen::Ref<const Spectrum>& spectrum, Eigen::Ref<Field> field) const;

  Spectrum forward(const Eigen::Ref<const Field>& field) const;
  Field backward(const Eigen::Ref<const Spectrum>& spectrum) const;

 private:
  Torus torus_;
  std::shared_ptr<void> forward_, backward_;  // plans of FFTW
};

/// Transform of a real function of several displacements, f(a, b, ...), over all of them at once:
/// f^(q1, q2, ...) = sum_{a,b,...} f(a, b, ...) exp(-2 pi i (q1 . a + q2 . b + ...) / L). `values`
/// is row-major in (a, b, ...), with N^variables entries. The result is row-major in (q1, q2, ...),
/// with a half-spectrum for the last momentum: N^(variables - 1) x half_modes() entries. The other
/// entries are f^(-q1, -q2, ...) = conj f^(q1, q2, ...). The transform is in place: only the result
/// is allocated.
Eigen::VectorXcd joint_spectrum(const Torus& torus, int variables, const Eigen::VectorXd& values);

}  // namespace popflow
