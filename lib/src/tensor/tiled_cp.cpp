#include "popflow/tensor/tiled_cp.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include <fmt/core.h>

#include "popflow/lattice/half_spectrum.hpp"
#include "popflow/tensor/least_squares.hpp"
#include "popflow/tensor/quartic_form.hpp"
#include "popflow/tensor/signed_weights.hpp"

#include "tensor/nested_ranks.hpp"

namespace popflow {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// A point: the signs, the coefficients of the templates t_r in the basis, and those of the images
// kappa_i[t_r, t_r, t_r] / |kappa|.
struct ScaledTemplates {
  VectorXd signs;
  MatrixXd coefficients;  // P x R
  MatrixXd image;         // P x R
};

class TiledCpProblem {
 public:
  using Point = ScaledTemplates;

  TiledCpProblem(const CumulantOperator& cumulant, double squared_norm, const MatrixXd& basis)
      : form_(cumulant),
        fourier_(cumulant.torus()),
        norm_(std::sqrt(squared_norm)),
        basis_(&basis),
        basis_spectra_(spectra_of(fourier_, basis)) {}

  const Torus& torus() const { return fourier_.torus(); }
  const MatrixXd& basis() const { return *basis_; }
  double norm() const { return norm_; }

  Point at(const MatrixXd& coefficients) const {
    const MatrixXd fields = *basis_ * coefficients;
    MatrixXd field_image(fields.rows(), fields.cols());
    form_.contract(fields, field_image);
    const MatrixXd image = basis_->transpose() * field_image / norm_;
    const VectorXd overlap = coefficients.cwiseProduct(image).colwise().sum();
    const auto [signs, scale] = optimal_weights(quartic_overlaps(fields), overlap);
    return {signs, coefficients * scale.asDiagonal(),
            image * scale.array().cube().matrix().asDiagonal()};
  }

  Point moved(const Point& from, const MatrixXd& step) const {
    return at(from.coefficients + step);
  }

  double cost(const Point& p) const {  // (Eq. 33)
    const VectorXd overlap = p.coefficients.cwiseProduct(p.image).colwise().sum();
    return 1.0 - 2.0 * p.signs.dot(overlap) +
           p.signs.dot(quartic_overlaps(*basis_ * p.coefficients) * p.signs);
  }

  void linearise(const Point& point) {  // (Eq. 34)
    const Index modes = basis_->cols(), rank = point.signs.size();
    spectra_ = spectra_of(fourier_, *basis_ * point.coefficients);
    correlate_with_basis();
    normal_.resize(modes * rank, modes * rank);
    gradient_ = -point.image * point.signs.asDiagonal();
    for (Index r = 0; r < rank; ++r)
      for (Index s = 0; s < rank; ++s) {
        const double sign = point.signs[r] * point.signs[s];
        const Field c = cross_correlation(fourier_, spectra_.col(r), spectra_.col(s));
        const Field cubed = c.array().cube(), squared = c.array().square();
        gradient_.col(r) += sign * (forward_[s].transpose() * cubed);
        if (s < r) continue;
        auto block = normal_.block(r * modes, s * modes, modes, modes);
        block.noalias() =
            3.0 * sign * forward_[s].transpose() * (squared.asDiagonal() * backward_[r]);
        add_shared_shift(cubed, sign, block);
      }
  }

  MatrixXd step(double damping) const { return damped_step(normal_, gradient_, damping); }

 private:
  // Entry (r, s): sum_k c_rs(k)^4.
  MatrixXd quartic_overlaps(const MatrixXd& fields) const {
    const Eigen::MatrixXcd spectra = spectra_of(fourier_, fields);
    MatrixXd quartic(fields.cols(), fields.cols());
    for (Index r = 0; r < fields.cols(); ++r)
      for (Index s = r; s < fields.cols(); ++s)
        quartic(r, s) = quartic(s, r) = cross_correlation(fourier_, spectra.col(r), spectra.col(s))
                                            .array()
                                            .square()
                                            .square()
                                            .sum();
    return quartic;
  }

  // forward_[s](k, p) = sum_i e_p(i) t_s(i + k), backward_[s](k, p) = sum_i t_s(i) e_p(i + k).
  void correlate_with_basis() {
    forward_.assign(spectra_.cols(), MatrixXd(basis_->rows(), basis_->cols()));
    backward_ = forward_;
    for (Index s = 0; s < spectra_.cols(); ++s)
      for (Index p = 0; p < basis_->cols(); ++p) {
        cross_correlate(fourier_, basis_spectra_.col(p), spectra_.col(s), forward_[s].col(p));
        cross_correlate(fourier_, spectra_.col(s), basis_spectra_.col(p), backward_[s].col(p));
      }
  }

  // block(p, q) += factor sum_ij e_p(i) f(j - i) e_q(j). A translation-invariant form mixes only
  // the sine and the cosine of one wave number, and these are neighbours in the basis.
  void add_shared_shift(const Field& f, double factor, Eigen::Ref<MatrixXd> block) const {
    const Spectrum modes = fourier_.forward(f);
    for (Index q = 0; q < basis_->cols(); ++q) {
      const Field seen = cross_correlation(fourier_, modes, basis_spectra_.col(q));
      for (Index p = std::max(q - 1, Index{0}); p <= std::min(q + 1, basis_->cols() - 1); ++p)
        block(p, q) += factor * basis_->col(p).dot(seen);
    }
  }

  LatticeForm form_;
  FourierTransform fourier_;
  double norm_;
  const MatrixXd* basis_;
  Eigen::MatrixXcd basis_spectra_;
  // At the point of the last linearise(): an eighth of the gradient and the Gauss-Newton matrix.
  Eigen::MatrixXcd spectra_;
  std::vector<MatrixXd> forward_, backward_;
  MatrixXd gradient_, normal_;
};

}  // namespace

std::vector<TiledCpFit> tiled_cp(const CumulantOperator& cumulant, double squared_norm,
                                 const TiledCpOptions& options) {
  check(options);
  if (!(squared_norm > 0.0 && std::isfinite(squared_norm)))
    throw std::invalid_argument(
        fmt::format("squared norm {}: must be positive and finite", squared_norm));
  const Torus& torus = cumulant.torus();
  const int band = options.band < 0 ? torus.sites() : options.band;
  const MatrixXd basis = wave_basis(torus, band, options.symmetry);
  return fit_ranks(TiledCpProblem(cumulant, squared_norm, basis), options);
}

}  // namespace popflow
