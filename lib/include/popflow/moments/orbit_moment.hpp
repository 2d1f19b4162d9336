#pragma once

#include <memory>

#include <Eigen/Core>

#include "popflow/lattice/fourier.hpp"

namespace popflow {

/// The fourth moment of P given fields x_p, each standing for all N of its shifts, as it contracts
/// with weights: O(P N log N),
///
///     M_i[u, v, w] = 1/PN sum_p sum_s (S_s x_p)_i (u . S_s x_p) (v . S_s x_p) (w . S_s x_p)
///
/// with S_s x the field moved by s. Copies share the fields' spectra.
class OrbitMoment {
 public:
  /// `fields` is N x P, one field a column. Throws std::invalid_argument for other sizes.
  OrbitMoment(const Torus& torus, const Eigen::Ref<const Eigen::MatrixXd>& fields);

  const Torus& torus() const { return fourier_.torus(); }

  /// P.
  Eigen::Index count() const { return spectra_->cols(); }

  /// half_modes() x P.
  const Eigen::MatrixXcd& spectra() const { return *spectra_; }

  /// Half-spectra; `out` is sized and must not alias an argument.
  void contract(const Spectrum& u, const Spectrum& v, const Spectrum& w, Spectrum& out) const;
  void contract(const Spectrum& u, Spectrum& out) const;

  /// Field s of field p: sum_j x_p(j + s) u(j). `out` is sized.
  void correlate(Eigen::Index p, const Spectrum& u, Field& out) const;

 private:
  // out += x_p * product.
  void add_field(Eigen::Index p, const Field& product, Spectrum& out) const;

  FourierTransform fourier_;
  std::shared_ptr<const Eigen::MatrixXcd> spectra_;
};

}  // namespace popflow
