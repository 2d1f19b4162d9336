#include "popflow/tensor/template_basis.hpp"

#include <algorithm>
#include <numbers>
#include <stdexcept>
#include <vector>

#include <fmt/core.h>

namespace popflow {

namespace {

struct WaveNumber {
  int row, column;
};

Field phases(const Torus& torus, WaveNumber q) {
  Field phase(torus.sites());
  for (int site = 0; site < torus.sites(); ++site) {
    const auto [row, column] = torus.coordinates(site);
    // Whole turns are taken off in integers, so that the phases of large lattices are exact.
    phase[site] = 2.0 * std::numbers::pi *
                  (static_cast<double>(q.row * row % torus.rows()) / torus.rows() +
                   static_cast<double>(q.column * column % torus.columns()) / torus.columns());
  }
  return phase;
}

// One of q and -q, q = 0 included.
std::vector<WaveNumber> half_plane(const Torus& torus, int band) {
  const int rows = std::min(band, torus.rows() / 2), columns = std::min(band, torus.columns() / 2);
  std::vector<WaveNumber> modes;
  for (int column = 0; column <= columns; ++column)
    for (int row = -rows; row <= rows; ++row) {
      if (2 * row == -torus.rows()) continue;  // the same as + rows / 2
      const bool own_opposite_column = column == 0 || 2 * column == torus.columns();
      const bool own_opposite_row = 2 * row == torus.rows();
      if (own_opposite_column && row < 0 && !own_opposite_row) continue;
      modes.push_back({row, column});
    }
  return modes;
}

std::vector<Field> all_fields(const Torus& torus, int band) {
  std::vector<Field> fields;
  for (const WaveNumber q : half_plane(torus, band)) {
    const Field phase = phases(torus, q);
    const bool own_opposite =
        (2 * q.row) % torus.rows() == 0 && (2 * q.column) % torus.columns() == 0;
    fields.emplace_back(phase.array().cos());
    if (!own_opposite) fields.emplace_back(phase.array().sin());
  }
  return fields;
}

std::vector<Field> symmetric_fields(const Torus& torus, int band) {
  const int rows = std::min(band, torus.rows() / 2), columns = std::min(band, torus.columns() / 2);
  const bool exchange = torus.rows() == torus.columns();
  const auto product = [&](int row, int column) -> Field {
    return phases(torus, {row, 0}).array().cos() * phases(torus, {0, column}).array().cos();
  };
  std::vector<Field> fields;
  for (int row = 0; row <= rows; ++row)
    for (int column = exchange ? row : 0; column <= columns; ++column) {
      fields.push_back(product(row, column));
      if (exchange && row != column) fields.back() += product(column, row);
    }
  return fields;
}

}  // namespace

Eigen::MatrixXd template_basis(const Torus& torus, int band, TemplateSymmetry symmetry) {
  if (band < 0) throw std::invalid_argument(fmt::format("band {}: must be at least 0", band));
  const std::vector<Field> fields = symmetry == TemplateSymmetry::lattice
                                        ? symmetric_fields(torus, band)
                                        : all_fields(torus, band);
  Eigen::MatrixXd basis(torus.sites(), static_cast<Eigen::Index>(fields.size()));
  for (std::size_t p = 0; p < fields.size(); ++p)
    basis.col(static_cast<Eigen::Index>(p)) = fields[p].normalized();
  return basis;
}

}  // namespace popflow
