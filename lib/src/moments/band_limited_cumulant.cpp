#include "popflow/moments/band_limited_cumulant.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <stdexcept>

#include <fmt/core.h>

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
  for (int q = 0; q < torus.sites(); ++q) {
    const auto [row, column] = torus.coordinates(q);
    levels[q] =
        std::max(std::min(row, torus.rows() - row), std::min(column, torus.columns() - column));
  }
  return levels;
}

int distinct_orders(int q1, int q2, int q3) {
  if (q1 == q2 && q2 == q3) return 1;
  return q1 == q2 || q2 == q3 || q1 == q3 ? 3 : 6;
}

}  // namespace

BandLimitedCumulant::BandLimitedCumulant(const CumulantTable& table, double truncation)
    : torus_(table.torus()) {
  if (!(truncation >= 0.0))
    throw std::invalid_argument(
        fmt::format("truncation {}: must be at least 0 (0 keeps every mode)", truncation));
  // Inversion symmetry makes kappa^ real.
  const Eigen::VectorXd spectrum = joint_spectrum(torus_, 3, table.values()).real();
  choose_band(spectrum, truncation);
  list_products(spectrum);
  u_.resize(static_cast<Eigen::Index>(modes_.size()));
  v_ = w_ = u_;
}

void BandLimitedCumulant::choose_band(const Eigen::VectorXd& spectrum, double truncation) {
  const std::vector<int> level = mode_levels(torus_);
  const int widest = *std::max_element(level.begin(), level.end());
  Eigen::VectorXd energy = Eigen::VectorXd::Zero(widest + 1);  // by the outermost of four momenta
  Eigen::Index entry = 0;
  const int n = torus_.sites();
  for (int q1 = 0; q1 < n; ++q1)
    for (int q2 = 0; q2 < n; ++q2) {
      const int sum = torus_.add(q1, q2), outer = std::max(level[q1], level[q2]);
      for (int q3 = 0; q3 < n; ++q3, ++entry)
        energy[std::max({outer, level[q3], level[torus_.add(sum, q3)]})] +=
            spectrum[entry] * spectrum[entry];
    }
  const double total = energy.sum();
  double outside = 0.0;
  band_ = widest;
  const double allowed = truncation * truncation * total;
  while (band_ > 0 && outside + energy[band_] <= allowed && truncation > 0.0)
    outside += energy[band_--];
  truncation_error_ = total > 0.0 ? std::sqrt(outside / total) : 0.0;
}

void BandLimitedCumulant::list_products(const Eigen::VectorXd& spectrum) {
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
  const Eigen::Index n = torus_.sites();
  const int m = static_cast<int>(wave_number.size());
  for (int out = 0; out < m; ++out) {
    if (modes_[out].conjugate) continue;
    const std::size_t begin = products_.size();
    for (int i = 0; i < m; ++i)
      for (int j = i; j < m; ++j) {
        const int q1 = wave_number[i], q2 = wave_number[j];
        const int q3 = torus_.add(wave_number[out], torus_.negate(torus_.add(q1, q2)));
        const int k = position[q3];
        if (k < j) continue;
        const double kappa = spectrum[(q1 * n + q2) * n + q3];
        if (kappa == 0.0) continue;
        products_.push_back({i, j, k, kappa * distinct_orders(i, j, k) / (1.0 * n * n)});
      }
    if (products_.size() > begin) outputs_.push_back({modes_[out].index, begin, products_.size()});
  }
}

void BandLimitedCumulant::spread(const Spectrum& u, Eigen::VectorXcd& modes) const {
  for (std::size_t k = 0; k < modes_.size(); ++k)
    modes[static_cast<Eigen::Index>(k)] =
        modes_[k].conjugate ? std::conj(u[modes_[k].index]) : u[modes_[k].index];
}

void BandLimitedCumulant::contract(const Spectrum& u, Spectrum& out) {
  spread(u, u_);
  out.setZero();
  for (const Output& output : outputs_) {
    Complex sum = 0.0;
    for (std::size_t p = output.begin; p < output.end; ++p) {
      const auto& [q1, q2, q3, weight] = products_[p];
      sum += weight * product(product(u_[q1], u_[q2]), u_[q3]);
    }
    out[output.index] = sum;
  }
}

void BandLimitedCumulant::contract(const Spectrum& u, const Spectrum& v, const Spectrum& w,
                                   Spectrum& out) {
  spread(u, u_);
  spread(v, v_);
  spread(w, w_);
  out.setZero();
  const auto pair = [this](int i, int j) { return product(v_[i], w_[j]) + product(v_[j], w_[i]); };
  for (const Output& output : outputs_) {
    Complex sum = 0.0;
    for (std::size_t p = output.begin; p < output.end; ++p) {
      const auto& [q1, q2, q3, weight] = products_[p];
      sum += weight / 6.0 *
             (product(u_[q1], pair(q2, q3)) + product(u_[q2], pair(q1, q3)) +
              product(u_[q3], pair(q1, q2)));
    }
    out[output.index] = sum;
  }
}

}  // namespace popflow
