#include "popflow/lattice/fourier_basis.hpp"

#include <cmath>
#include <complex>
#include <numbers>
#include <stdexcept>

#include <fmt/core.h>

#include "popflow/lattice/scratch.hpp"

namespace popflow {

namespace {

void check_basis_sizes(const Torus& torus, Eigen::Index coefficients, Eigen::Index modes) {
  if (coefficients != torus.sites() || modes != torus.half_modes())
    throw std::invalid_argument(
        fmt::format("Fourier basis of {} coefficients and {} modes: the lattice has {} and {}",
                    coefficients, modes, torus.sites(), torus.half_modes()));
}

// Wave number of a stored mode along an axis, in radians a site: 2 pi q / L, pi of the mode L/2.
struct WaveNumber {
  double k;
  bool at_the_edge;  // of the zone: q = L/2, which is its own opposite
};

WaveNumber wave_number(const Torus& torus, int mode, int axis) {
  if (axis < 0 || axis >= torus.dimensions())
    throw std::invalid_argument(
        fmt::format("axis {}: the lattice has axes 0 to {}", axis, torus.dimensions() - 1));
  const int width = torus.columns() / 2 + 1, extent = torus.shape()[axis];
  const bool along_columns = axis == torus.dimensions() - 1;
  const int q = along_columns ? mode % width : mode / width;
  const int wave = 2 * q <= extent ? q : q - extent;
  return {2.0 * std::numbers::pi * wave / extent, 2 * q == extent};
}

}  // namespace

FourierBasis::FourierBasis(const Torus& torus) : fourier_(torus) {
  const int rows = torus.rows(), columns = torus.columns(), width = columns / 2 + 1;
  int coefficient = 0;
  for (int mode = 0; mode < torus.half_modes(); ++mode) {
    const int column = mode % width, opposite_row = (rows - mode / width) % rows;
    const bool both_stored = (columns - column) % columns == column;
    const int opposite = both_stored ? opposite_row * width + column : -1;
    if (both_stored && opposite < mode) continue;
    const bool pair = opposite != mode;
    entries_.push_back({mode, opposite, coefficient, pair});
    coefficient += pair ? 2 : 1;
  }
}

void FourierBasis::from_sites(const Eigen::Ref<const Field>& f, Eigen::Ref<Field> w) const {
  Scratch scratch;
  Spectrum& spectrum = scratch.spectrum(torus().half_modes());
  fourier_.forward(f, spectrum);
  from_spectrum(spectrum, w);
}

void FourierBasis::to_sites(const Eigen::Ref<const Field>& w, Eigen::Ref<Field> f) const {
  Scratch scratch;
  Spectrum& spectrum = scratch.spectrum(torus().half_modes());
  to_spectrum(w, spectrum);
  fourier_.backward(spectrum, f);
}

void FourierBasis::from_spectrum(const Eigen::Ref<const Spectrum>& spectrum,
                                 Eigen::Ref<Field> w) const {
  check_basis_sizes(torus(), w.size(), spectrum.size());
  const double single = std::sqrt(1.0 / torus().sites()), both = std::sqrt(2.0 / torus().sites());
  for (const Entry& entry : entries_) {
    const std::complex<double> value = spectrum[entry.mode];
    w[entry.coefficient] = (entry.pair ? both : single) * value.real();
    if (entry.pair) w[entry.coefficient + 1] = both * value.imag();
  }
}

void FourierBasis::to_spectrum(const Eigen::Ref<const Field>& w,
                               Eigen::Ref<Spectrum> spectrum) const {
  check_basis_sizes(torus(), w.size(), spectrum.size());
  const double single = std::sqrt(torus().sites()), both = std::sqrt(0.5 * torus().sites());
  for (const Entry& entry : entries_) {
    if (!entry.pair) {
      spectrum[entry.mode] = single * w[entry.coefficient];
      continue;
    }
    spectrum[entry.mode] = {both * w[entry.coefficient], both * w[entry.coefficient + 1]};
    if (entry.opposite >= 0) spectrum[entry.opposite] = std::conj(spectrum[entry.mode]);
  }
}

Field FourierBasis::diagonal(const Field& S) const {
  check_basis_sizes(torus(), torus().sites(), S.size());
  Field result(torus().sites());
  for (const Entry& entry : entries_)
    result.segment(entry.coefficient, entry.pair ? 2 : 1).setConstant(S[entry.mode]);
  return result;
}

// Every mode times factor(wave number).
template <class Factor>
Field FourierBasis::filtered(const Eigen::Ref<const Field>& w, int axis,
                             const Factor& factor) const {
  check_basis_sizes(torus(), w.size(), torus().half_modes());
  Field result(w.size());
  for (const Entry& entry : entries_) {
    const std::complex<double> by = factor(wave_number(torus(), entry.mode, axis));
    const int at = entry.coefficient;
    if (!entry.pair) {
      result[at] = by.real() * w[at];
      continue;
    }
    const std::complex<double> value = by * std::complex<double>(w[at], w[at + 1]);
    result[at] = value.real();
    result[at + 1] = value.imag();
  }
  return result;
}

Field FourierBasis::derivative(const Eigen::Ref<const Field>& w, int axis) const {
  return filtered(w, axis, [](const WaveNumber& q) {
    return std::complex<double>(0.0, q.at_the_edge ? 0.0 : q.k);
  });
}

Field FourierBasis::displaced(const Eigen::Ref<const Field>& w, int axis, double sites) const {
  return filtered(w, axis, [sites](const WaveNumber& q) {
    return q.at_the_edge ? std::complex<double>(std::cos(q.k * sites))
                         : std::polar(1.0, -q.k * sites);
  });
}

}  // namespace popflow
