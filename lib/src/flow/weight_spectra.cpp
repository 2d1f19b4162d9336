#include "popflow/flow/weight_spectra.hpp"

#include <stdexcept>

#include <fmt/core.h>

#include "popflow/lattice/half_spectrum.hpp"

namespace popflow {

namespace {

std::size_t checked_neurons(Eigen::Index hidden) {
  if (hidden < 1)
    throw std::invalid_argument(fmt::format("{} neurons: must be at least 1", hidden));
  return static_cast<std::size_t>(hidden);
}

}  // namespace

WeightSpectra::WeightSpectra(const Torus& torus, Eigen::Index hidden)
    : fourier_(torus),
      multiplicity_(mode_multiplicity(torus) / torus.sites()),
      spectra_(checked_neurons(hidden), Spectrum::Zero(torus.half_modes())),
      sums_(spectra_),
      filtered_(torus.half_modes()),
      field_(torus.sites()) {}

void WeightSpectra::load(const Parameters& at) {
  if (at.hidden() != hidden() || at.sites() != torus().sites())
    throw std::invalid_argument(fmt::format("weights of {} x {}: must be {} x {}", at.hidden(),
                                            at.sites(), hidden(), torus().sites()));
  for (Eigen::Index k = 0; k < hidden(); ++k) {
    field_ = at.first().row(k).transpose();
    fourier_.forward(field_, spectra_[static_cast<std::size_t>(k)]);
  }
}

void WeightSpectra::covariances(const Field& S, Eigen::MatrixXd& Q) {
  for (Eigen::Index k = 0; k < hidden(); ++k) {
    filtered_ = S.cwiseProduct(multiplicity_).cwiseProduct((*this)[k]);
    for (Eigen::Index l = 0; l <= k; ++l) Q(k, l) = Q(l, k) = (*this)[l].dot(filtered_).real();
  }
}

double WeightSpectra::inner_product(Eigen::Index k, const Spectrum& f) const {
  return popflow::inner_product(multiplicity_, 1, (*this)[k], f);
}

void WeightSpectra::start_sum() {
  for (Spectrum& sum : sums_) sum.setZero();
}

void WeightSpectra::add_filtered(const Eigen::MatrixXd& W, const Field& S) {
  for (Eigen::Index k = 0; k < hidden(); ++k) {
    filtered_.setZero();
    for (Eigen::Index l = 0; l < hidden(); ++l) filtered_ += W(k, l) * (*this)[l];
    sums_[static_cast<std::size_t>(k)] += S.cwiseProduct(filtered_);
  }
}

void WeightSpectra::add(Eigen::Index k, double factor, const Spectrum& f) {
  sums_[static_cast<std::size_t>(k)] += factor * f;
}

void WeightSpectra::add_sum_to(Parameters& out) {
  for (Eigen::Index k = 0; k < hidden(); ++k) {
    fourier_.backward(sums_[static_cast<std::size_t>(k)], field_);
    out.first().row(k) += field_.transpose();
  }
}

}  // namespace popflow
