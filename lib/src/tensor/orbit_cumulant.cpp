#include "popflow/tensor/orbit_cumulant.hpp"

#include <stdexcept>

#include <fmt/core.h>

#include "popflow/lattice/half_spectrum.hpp"

namespace popflow {

namespace {

using Eigen::Index;
using Eigen::MatrixXcd;
using Eigen::MatrixXd;
using Eigen::VectorXd;

void check(const Torus& torus, const MatrixXd& samples) {
  if (samples.cols() < 2)
    throw std::invalid_argument(
        fmt::format("fourth cumulant of {} samples: must be at least 2", samples.cols()));
  if (samples.rows() != torus.sites())
    throw std::invalid_argument(fmt::format(
        "samples of {} entries: must be {}, the lattice's sites", samples.rows(), torus.sites()));
}

MatrixXcd spectra(FourierTransform& fourier, const MatrixXd& fields) {
  MatrixXcd result(fourier.torus().half_modes(), fields.cols());
  for (Index p = 0; p < fields.cols(); ++p) fourier.forward(fields.col(p), result.col(p));
  return result;
}

}  // namespace

OrbitCumulant::OrbitCumulant(const Torus& torus, const MatrixXd& samples)
    : fourier_(torus),
      multiplicity_(mode_multiplicity(torus)),
      modes_(torus.half_modes()),
      product_(torus.sites()),
      factor_(torus.sites()),
      response_(torus.half_modes()),
      forms_(samples.cols()) {
  check(torus, samples);
  const MatrixXcd modes = spectra(fourier_, samples);
  samples_ = std::make_shared<Samples>(Samples{modes, modes.cwiseAbs2() / torus.sites()});
}

void OrbitCumulant::correlate(Index p, const Spectrum& u, Field& out) {
  modes_ = samples_->spectra.col(p).cwiseProduct(u.conjugate());
  fourier_.backward(modes_, out);
}

void OrbitCumulant::add_sample(Index p, Spectrum& out) {
  fourier_.forward(product_, modes_);
  out += samples_->spectra.col(p).cwiseProduct(modes_.conjugate());
}

// With b_p = v . C_p w the sum over p' != p of C_p u (v . C_p' w) is C_p u (sum b - b_p).
void OrbitCumulant::subtract_pairing(double factor, const Spectrum& u, const Spectrum& v,
                                     const Spectrum& w, Spectrum& out) {
  const auto P = static_cast<double>(forms_.size());
  const MatrixXd& powers = samples_->powers;
  response_ = multiplicity_.cwiseProduct(v.conjugate().cwiseProduct(w).real()) / torus().sites();
  forms_.noalias() = powers.transpose() * response_;
  const double sum = forms_.sum();
  forms_ = sum - forms_.array();
  response_.noalias() = powers * forms_;
  out.array() -= factor / (P * (P - 1.0)) * response_.array() * u.array();
}

void OrbitCumulant::contract(const Spectrum& u, const Spectrum& v, const Spectrum& w,
                             Spectrum& out) {
  out.setZero();
  for (Index p = 0; p < forms_.size(); ++p) {
    correlate(p, u, product_);
    for (const Spectrum* argument : {&v, &w}) {
      correlate(p, *argument, factor_);
      product_.array() *= factor_.array();
    }
    add_sample(p, out);
  }
  out /= static_cast<double>(forms_.size() * torus().sites());
  subtract_pairing(1.0, u, v, w, out);
  subtract_pairing(1.0, v, u, w, out);
  subtract_pairing(1.0, w, u, v, out);
}

void OrbitCumulant::contract(const Spectrum& u, Spectrum& out) {
  out.setZero();
  for (Index p = 0; p < forms_.size(); ++p) {
    correlate(p, u, product_);
    product_.array() = product_.array().cube();
    add_sample(p, out);
  }
  out /= static_cast<double>(forms_.size() * torus().sites());
  subtract_pairing(3.0, u, u, u, out);
}

// 1 / P^2 sum_pq sum_s c_pq(s)^4 / N^2, c_pq the correlation of samples p and q.
double OrbitCumulant::moment_squared_norm() const {
  const Index P = forms_.size();
  VectorXd sums(P);
#pragma omp parallel
  {
    OrbitCumulant own = *this;
#pragma omp for schedule(dynamic)
    for (Index p = 0; p < P; ++p) {
      sums[p] = 0.0;
      for (Index q = 0; q <= p; ++q) {
        own.correlate(p, samples_->spectra.col(q), own.factor_);
        sums[p] += (q < p ? 2.0 : 1.0) * own.factor_.array().square().square().sum();
      }
    }
  }
  const double count = static_cast<double>(P) * torus().sites();
  return sums.sum() / (count * count);
}

double OrbitCumulant::squared_norm() const {  // (Eq. 41)
  const auto P = static_cast<double>(forms_.size());
  const MatrixXd& powers = samples_->powers;
  const double pairs = P * (P - 1.0);
  const MatrixXd G = powers.transpose() * multiplicity_.asDiagonal() * powers;
  const VectorXd row_sums = G.rowwise().sum();
  const double mixed = row_sums.squaredNorm() - G.squaredNorm();
  const double disjoint = G.sum() * G.sum() - 2.0 * row_sums.squaredNorm() + G.squaredNorm();
  const VectorXd products =
      powers.rowwise().sum().array().square() - powers.array().square().rowwise().sum();
  const double crossed = multiplicity_.dot(products.cwiseAbs2());
  return moment_squared_norm() +
         (-6.0 * mixed / (P * pairs) + (3.0 * disjoint + 6.0 * crossed) / (pairs * pairs)) /
             torus().sites();
}

}  // namespace popflow
