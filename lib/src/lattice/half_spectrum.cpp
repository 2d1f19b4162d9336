#include "popflow/lattice/half_spectrum.hpp"

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
