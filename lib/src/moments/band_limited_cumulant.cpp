#include "popflow/moments/band_limited_cumulant.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <stdexcept>

#include <fmt/core.h>

#include "popflow/lattice/scratch.hpp"

#include "lanes/sanitized.hpp"

namespace popflow {

namespace {

using Complex = std::complex<double>;

// Plain complex product: std::complex's own also looks for overflow, at twice the price.
inline Complex product(Complex a, Complex b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

// The largest |wave number| of a mode along any axis.
std::vector<int> mode_levels(const Torus& torus) {
  std::vector<int> levels(torus.sites());
  for (int q = 0; q < torus.sites(); ++q) levels[q] = std::ranges::max(torus.distances(q));
  return levels;
}

// y += A x for real and imaginary part at once, column by column: without sums across entries the
// result has the same bits for every vector width, so the widest that the machine has may be used.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(POPFLOW_SANITIZED)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
void add_product(const double* __restrict a, long n, const double* __restrict x_real,
                 const double* __restrict x_imaginary, double* __restrict y_real,
                 double* __restrict y_imaginary) {
  for (long j = 0; j < n; ++j, a += n) {
    const double real = x_real[j], imaginary = x_imaginary[j];
    for (long i = 0; i < n; ++i) {
      y_real[i] += a[i] * real;
      y_imaginary[i] += a[i] * imaginary;
    }
  }
}

}  // namespace

BandLimitedCumulant::BandLimitedCumulant(const CumulantTable& table, double truncation)
    : torus_(table.torus()) {
  if (!(truncation >= 0.0 && truncation < 1.0))
    throw std::invalid_argument(
        fmt::format("truncation {}: must be at least 0, below 1 (0 keeps every mode)", truncation));
  // Only the real parts are read: inversion makes the others zero.
  const Eigen::VectorXcd spectrum = joint_spectrum(torus_, 3, table.values());
  choose_band(spectrum, truncation);
  couple_pairs(spectrum);
}

void BandLimitedCumulant::choose_band(const Eigen::VectorXcd& spectrum, double truncation) {
  const std::vector<int> level = mode_levels(torus_);
  const int widest = *std::max_element(level.begin(), level.end());
  Eigen::VectorXd energy = Eigen::VectorXd::Zero(widest + 1);  // by the outermost of four momenta
  Eigen::Index entry = 0;
  const int n = torus_.sites(), half_modes = torus_.half_modes(), width = torus_.columns() / 2 + 1;
  const Field multiplicity = mode_multiplicity(torus_);
  for (int q1 = 0; q1 < n; ++q1)
    for (int q2 = 0; q2 < n; ++q2) {
      const int sum = torus_.add(q1, q2), outer = std::max(level[q1], level[q2]);
      for (int k = 0; k < half_modes; ++k, ++entry) {
        const int q3 = torus_.site(k / width, k % width);
        energy[std::max({outer, level[q3], level[torus_.add(sum, q3)]})] +=
            multiplicity[k] * spectrum[entry].real() * spectrum[entry].real();
      }
    }
  const double total = energy.sum();
  double outside = 0.0;
  band_ = widest;
  const double allowed = truncation * truncation * total;
  while (band_ > 0 && outside + energy[band_] <= allowed && truncation > 0.0)
    outside += energy[band_--];
  truncation_error_ = total > 0.0 ? std::sqrt(outside / total) : 0.0;
}

void BandLimitedCumulant::couple_pairs(const Eigen::VectorXcd& spectrum) {
  const std::vector<int> level = mode_levels(torus_);
  const std::vector<StoredMode> stored = stored_modes(torus_);
  std::vector<int> wave_number;                 // of each mode of the band
  std::vector<int> position(level.size(), -1);  // of each wave number in the band
  for (int q = 0; q < torus_.sites(); ++q) {
    if (level[q] > band_) continue;
    position[q] = static_cast<int>(wave_number.size());
    wave_number.push_back(q);
    modes_.push_back(stored[q]);
  }
  for (int q : wave_number) opposite_.push_back(position[torus_.negate(q)]);

  // kappa^ is even: where q3 is not stored, the opposite of all three momenta is.
  const Eigen::Index n = torus_.sites(), half_modes = torus_.half_modes();
  const auto kappa_hat = [&](int q1, int q2, int q3) {
    if (stored[q3].conjugate) q1 = torus_.negate(q1), q2 = torus_.negate(q2);
    return spectrum[(q1 * n + q2) * half_modes + stored[q3].index].real();
  };
  const double pairs_of_sites = static_cast<double>(n) * static_cast<double>(n);
  for (int s = 0; s < torus_.sites(); ++s) {
    if (torus_.negate(s) < s) continue;
    Coupling coupling{{}, {}, torus_.negate(s) == s ? 0.5 : 1.0};
    for (int i = 0; i < static_cast<int>(wave_number.size()); ++i) {
      const int j = position[torus_.add(s, torus_.negate(wave_number[i]))];
      if (j >= i) coupling.pairs.push_back({i, j});
    }
    const auto count = static_cast<Eigen::Index>(coupling.pairs.size());
    coupling.kappa.resize(count, count);
    for (Eigen::Index row = 0; row < count; ++row)
      for (Eigen::Index column = 0; column < count; ++column) {
        const auto [r1, r4] = coupling.pairs[row];
        const auto [q2, q3] = coupling.pairs[column];
        coupling.kappa(row, column) =
            kappa_hat(torus_.negate(wave_number[r1]), wave_number[q2], wave_number[q3]) /
            pairs_of_sites;
      }
    if (coupling.kappa.isZero(0.0)) continue;
    most_pairs_ = std::max(most_pairs_, count);
    couplings_.push_back(std::move(coupling));
  }
}

void BandLimitedCumulant::spread(const Spectrum& u, Eigen::VectorXcd& modes) const {
  for (std::size_t k = 0; k < modes_.size(); ++k)
    modes[static_cast<Eigen::Index>(k)] =
        modes_[k].conjugate ? std::conj(u[modes_[k].index]) : u[modes_[k].index];
}

// Adds to the sum the terms of one total momentum s, those of -s being their conjugates.
void BandLimitedCumulant::add_coupling(const Coupling& coupling, Work& work) {
  auto& [u, v, w, sum, pair_real, pair_imaginary, y_real, y_imaginary] = work;
  const auto count = static_cast<Eigen::Index>(coupling.pairs.size());
  for (Eigen::Index k = 0; k < count; ++k) {
    const auto [i, j] = coupling.pairs[k];
    Complex pair = product(v[i], w[j]);
    if (i != j) pair += product(v[j], w[i]);
    pair_real[k] = pair.real();
    pair_imaginary[k] = pair.imag();
  }
  y_real.head(count).setZero();
  y_imaginary.head(count).setZero();
  add_product(coupling.kappa.data(), count, pair_real.data(), pair_imaginary.data(), y_real.data(),
              y_imaginary.data());
  for (Eigen::Index k = 0; k < count; ++k) {
    const auto [r1, r4] = coupling.pairs[k];
    const Complex y{coupling.weight * y_real[k], coupling.weight * y_imaginary[k]};
    sum[r4] += product(std::conj(u[r1]), y);
    if (r1 != r4) sum[r1] += product(std::conj(u[r4]), y);
  }
}

void BandLimitedCumulant::contract(const Spectrum& u, const Spectrum& v, const Spectrum& w,
                                   Spectrum& out) const {
  Scratch scratch;
  const auto modes = static_cast<Eigen::Index>(modes_.size());
  Work work{scratch.spectrum(modes),    scratch.spectrum(modes),    scratch.spectrum(modes),
            scratch.spectrum(modes),    scratch.field(most_pairs_), scratch.field(most_pairs_),
            scratch.field(most_pairs_), scratch.field(most_pairs_)};
  spread(u, work.u);
  spread(v, work.v);
  spread(w, work.w);
  work.sum.setZero();
  for (const Coupling& coupling : couplings_) add_coupling(coupling, work);
  out.setZero();
  for (std::size_t k = 0; k < modes_.size(); ++k)
    if (!modes_[k].conjugate)
      out[modes_[k].index] =
          work.sum[static_cast<Eigen::Index>(k)] + std::conj(work.sum[opposite_[k]]);
}

}  // namespace popflow
