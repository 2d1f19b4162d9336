#include "popflow/tensor/template_basis.hpp"

#include <algorithm>
#include <cstdint>
#include <numbers>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/core.h>

namespace popflow {

namespace {

// Classes of displacements, or wave numbers, that the symmetry maps to each other, up to `radius`
// along any axis.
std::vector<std::set<int>> classes(const Torus& torus, int radius,
                                   const TemplateSymmetry& symmetry) {
  std::vector<std::vector<int>> maps;
  if (symmetry) maps = displacement_maps(torus, *symmetry);
  std::vector<std::set<int>> result;
  for (int d = 0; d < torus.sites(); ++d) {
    std::set<int> members{d};
    for (const auto& map : maps) members.insert(map[static_cast<std::size_t>(d)]);
    const bool first = d == *members.begin();  // each class once
    if (first && std::ranges::max(torus.distances(d)) <= radius)
      result.push_back(std::move(members));
  }
  return result;
}

Field phases(const Torus& torus, int wave_number) {
  const auto [q_row, q_column] = torus.coordinates(wave_number);
  Field phase(torus.sites());
  for (int site = 0; site < torus.sites(); ++site) {
    const auto [row, column] = torus.coordinates(site);
    // Whole turns are removed in integers, so that the phases of large lattices are exact. The
    // products need more than 32 bits.
    const double turns =
        static_cast<double>(std::int64_t{q_row} * row % torus.rows()) / torus.rows() +
        static_cast<double>(std::int64_t{q_column} * column % torus.columns()) / torus.columns();
    phase[site] = 2.0 * std::numbers::pi * turns;
  }
  return phase;
}

Eigen::MatrixXd as_basis(const Torus& torus, const std::vector<Field>& fields) {
  Eigen::MatrixXd basis(torus.sites(), static_cast<Eigen::Index>(fields.size()));
  for (std::size_t p = 0; p < fields.size(); ++p)
    basis.col(static_cast<Eigen::Index>(p)) = fields[p].normalized();
  return basis;
}

void check_extent(const char* what, int value) {
  if (value < 0) throw std::invalid_argument(fmt::format("{} {}: must be at least 0", what, value));
}

}  // namespace

Eigen::MatrixXd wave_basis(const Torus& torus, int band, const TemplateSymmetry& symmetry) {
  check_extent("band", band);
  std::vector<Field> fields;
  for (const auto& wave_numbers : classes(torus, band, symmetry)) {
    const int q = *wave_numbers.begin(), opposite = torus.negate(q);
    if (symmetry) {
      fields.emplace_back(Field::Zero(torus.sites()));
      for (int member : wave_numbers) fields.back().array() += phases(torus, member).array().cos();
    } else if (q <= opposite) {  // one of q and -q
      fields.emplace_back(phases(torus, q).array().cos());
      if (q != opposite) fields.emplace_back(phases(torus, q).array().sin());
    }
  }
  return as_basis(torus, fields);
}

Eigen::MatrixXd window_basis(const Torus& torus, int radius, const TemplateSymmetry& symmetry) {
  check_extent("radius", radius);
  std::vector<Field> fields;
  for (const auto& sites : classes(torus, radius, symmetry)) {
    fields.emplace_back(Field::Zero(torus.sites()));
    for (int site : sites) fields.back()[site] = 1.0;
  }
  return as_basis(torus, fields);
}

}  // namespace popflow
