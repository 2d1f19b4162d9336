#include "popflow/tensor/orbit_cumulant.hpp"

#include <stdexcept>

#include <fmt/core.h>

#include "popflow/lattice/half_spectrum.hpp"
#include "popflow/lattice/scratch.hpp"
#include "popflow/moments/interrupted.hpp"
#include "popflow/threads/parallel_for.hpp"

namespace popflow {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

const MatrixXd& checked(const MatrixXd& samples) {
  if (samples.cols() < 2)
    throw std::invalid_argument(
        fmt::format("fourth cumulant of {} samples: must be at least 2", samples.cols()));
  return samples;
}

}  // namespace

OrbitCumulant::OrbitCumulant(const Torus& torus, const MatrixXd& samples)
    : moment_(torus, checked(samples)),
      multiplicity_(mode_multiplicity(torus)),
      powers_(std::make_shared<const MatrixXd>(moment_.spectra().cwiseAbs2() / torus.sites())) {}

// With b_p = v . C_p w, the sum over p' != p of C_p u (v . C_p' w) is C_p u (sum b - b_p) (Eq. 40).
void OrbitCumulant::subtract_pairing(double factor, const Spectrum& u, const Spectrum& v,
                                     const Spectrum& w, Spectrum& out) const {
  const auto P = static_cast<double>(moment_.count());
  const MatrixXd& powers = *powers_;
  Scratch scratch;
  Field &response = scratch.field(torus().half_modes()), &forms = scratch.field(moment_.count());
  response = multiplicity_.cwiseProduct(v.conjugate().cwiseProduct(w).real()) / torus().sites();
  forms.noalias() = powers.transpose() * response;
  const double sum = forms.sum();
  forms = sum - forms.array();
  response.noalias() = powers * forms;
  out.array() -= factor / (P * (P - 1.0)) * response.array() * u.array();
}

void OrbitCumulant::contract(const Spectrum& u, const Spectrum& v, const Spectrum& w,
                             Spectrum& out) const {
  moment_.contract(u, v, w, out);
  subtract_pairing(1.0, u, v, w, out);
  subtract_pairing(1.0, v, u, w, out);
  subtract_pairing(1.0, w, u, v, out);
}

void OrbitCumulant::contract(const Spectrum& u, Spectrum& out) const {
  moment_.contract(u, out);
  subtract_pairing(3.0, u, u, u, out);
}

// 1 / (P N)^2 sum_pq sum_s c_pq(s)^4, where c_pq is the correlation of samples p and q (Eq. 41).
double OrbitCumulant::moment_squared_norm(const std::function<bool()>& interrupted) const {
  const Index P = moment_.count();
  const Eigen::MatrixXcd& spectra = moment_.spectra();
  VectorXd sums(P);
  parallel_for(P, [&](Index p) {
    check_interrupted(interrupted);
    Scratch scratch;
    Field& c = scratch.field(torus().sites());
    sums[p] = 0.0;
    for (Index q = 0; q <= p; ++q) {
      cross_correlate(moment_.fourier(), spectra.col(p), spectra.col(q), c);
      sums[p] += (q < p ? 2.0 : 1.0) * c.array().square().square().sum();
    }
  });
  const double count = static_cast<double>(P) * torus().sites();
  return sums.sum() / (count * count);
}

double OrbitCumulant::squared_norm(const std::function<bool()>& interrupted) const {  // (Eq. 41)
  const auto P = static_cast<double>(moment_.count());
  const MatrixXd& powers = *powers_;
  const double pairs = P * (P - 1.0);
  const MatrixXd G = powers.transpose() * multiplicity_.asDiagonal() * powers;
  const VectorXd row_sums = G.rowwise().sum();
  const double mixed = row_sums.squaredNorm() - G.squaredNorm();
  const double disjoint = G.sum() * G.sum() - 2.0 * row_sums.squaredNorm() + G.squaredNorm();
  const VectorXd products =
      powers.rowwise().sum().array().square() - powers.array().square().rowwise().sum();
  const double crossed = multiplicity_.dot(products.cwiseAbs2());
  return moment_squared_norm(interrupted) +
         (-6.0 * mixed / (P * pairs) + (3.0 * disjoint + 6.0 * crossed) / (pairs * pairs)) /
             torus().sites();
}

}  // namespace popflow
