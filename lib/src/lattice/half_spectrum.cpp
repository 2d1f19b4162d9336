#include "popflow/lattice/half_spectrum.hpp"

#include <stdexcept>

#include <fmt/core.h>

#include "popflow/lattice/scratch.hpp"

namespace popflow {

Field mode_multiplicity(const Torus& torus) {
  Field multiplicity = Field::Zero(torus.half_modes());
  for (const StoredMode& mode : stored_modes(torus)) multiplicity[mode.index] += 1.0;
  return multiplicity;
}

std::vector<StoredMode> stored_modes(const Torus& torus) {
  const int width = torus.columns() / 2 + 1;
  std::vector<StoredMode> modes(torus.sites());
  for (int q = 0; q < torus.sites(); ++q) {
    const bool conjugate = torus.coordinates(q)[1] >= width;
    const auto [row, column] = torus.coordinates(conjugate ? torus.negate(q) : q);
    modes[q] = {row * width + column, conjugate};
  }
  return modes;
}

Eigen::MatrixXcd spectra_of(const FourierTransform& fourier,
                            const Eigen::Ref<const Eigen::MatrixXd>& fields) {
  Eigen::MatrixXcd spectra(fourier.torus().half_modes(), fields.cols());
  for (Eigen::Index p = 0; p < fields.cols(); ++p) fourier.forward(fields.col(p), spectra.col(p));
  return spectra;
}

Field cross_correlation(const FourierTransform& fourier, const Eigen::Ref<const Spectrum>& a,
                        const Eigen::Ref<const Spectrum>& b) {
  Field c(fourier.torus().sites());
  cross_correlate(fourier, a, b, c);
  return c;
}

void cross_correlate(const FourierTransform& fourier, const Eigen::Ref<const Spectrum>& a,
                     const Eigen::Ref<const Spectrum>& b, Eigen::Ref<Field> out) {
  if (a.size() != b.size())
    throw std::invalid_argument(
        fmt::format("correlation of half-spectra of {} and {} modes: must be of one lattice",
                    a.size(), b.size()));
  Scratch scratch;
  Spectrum& modes = scratch.spectrum(a.size());
  modes = a.conjugate().cwiseProduct(b);
  fourier.backward(modes, out);  // (Eq. 25)
}

void make_hermitian(const Torus& torus, Eigen::Ref<Spectrum> spectrum) {
  const int rows = torus.rows(), width = torus.columns() / 2 + 1;
  const auto mend_column = [&](int column) {
    for (int row = 0; row <= rows / 2; ++row) {
      auto& mode = spectrum[row * width + column];
      auto& opposite = spectrum[(rows - row) % rows * width + column];
      mode = 0.5 * (mode + std::conj(opposite));
      opposite = std::conj(mode);
    }
  };
  mend_column(0);
  if (torus.columns() % 2 == 0) mend_column(width - 1);
}

Field full_spectrum(const Torus& torus, const Field& half) {
  Field full(torus.sites());
  int q = 0;
  for (const StoredMode& mode : stored_modes(torus)) full[q++] = half[mode.index];
  return full;
}

}  // namespace popflow
