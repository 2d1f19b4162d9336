#pragma once

#include <memory>

#include <Eigen/Core>

#include "popflow/lattice/fourier.hpp"

namespace popflow {

/// The fourth moments of P given fields x_p, summed over all N shifts of each and weighted, as they
/// contract with weights: O(P N log N),
///
///     M_i[u, v, w] = sum_p weight_p sum_s (S_s x_p)_i (u . S_s x_p) (v . S_s x_p) (w . S_s x_p)
///
/// with S_s x the field moved by s. A contraction allocates nothing after the first. Copies share
/// the fields' spectra.
class OrbitMoment {
 public:
  /// `fields` is N x P, one field a column.
  OrbitMoment(const Torus& torus, const Eigen::Ref<const Eigen::MatrixXd>& fields,
              Eigen::VectorXd weights);

  /// The mean: every weight is 1 / PN. Throws std::invalid_argument for no fields, fields of
  /// another size, and entries that are not finite.
  OrbitMoment(const Torus& torus, const Eigen::Ref<const Eigen::MatrixXd>& fields);

  const FourierTransform& fourier() const { return fourier_; }
  const Torus& torus() const { return fourier_.torus(); }

  /// P.
  Eigen::Index count() const { return spectra_->cols(); }

  /// half_modes() x P.
  const Eigen::MatrixXcd& spectra() const { return *spectra_; }

  /// Half-spectra; `out` is sized and must not alias an argument.
  void contract(const Spectrum& u, const Spectrum& v, const Spectrum& w, Spectrum& out) const;
  void contract(const Spectrum& u, Spectrum& out) const;

 private:
  template <class Multiply>
  void sum(const Spectrum& u, const Multiply& multiply, Spectrum& out) const;

  FourierTransform fourier_;
  std::shared_ptr<const Eigen::MatrixXcd> spectra_;
  Eigen::VectorXd weights_;
};

}  // namespace popflow
