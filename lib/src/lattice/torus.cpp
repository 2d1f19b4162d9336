#include "popflow/lattice/torus.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include <fmt/core.h>

namespace popflow {

namespace {

int wrap(int coordinate, int extent) {
  const int remainder = coordinate % extent;
  return remainder < 0 ? remainder + extent : remainder;
}

}  // namespace

Torus::Torus(std::vector<int> shape) : shape_(std::move(shape)) {
  if (shape_.empty() || shape_.size() > 2)
    throw std::invalid_argument(
        fmt::format("lattice shape has {} extents: allowed are 1 or 2", shape_.size()));
  for (int extent : shape_)
    if (extent < 1)
      throw std::invalid_argument(fmt::format("lattice extent {}: must be at least 1", extent));
  rows_ = shape_.size() == 2 ? shape_[0] : 1;
  columns_ = shape_.back();
  if (rows_ > std::numeric_limits<int>::max() / 2 / columns_)
    throw std::invalid_argument(
        fmt::format("lattice of {} x {} sites: at most 2^30 are allowed", rows_, columns_));
}

int Torus::site(int row, int column) const {
  return wrap(row, rows_) * columns_ + wrap(column, columns_);
}

int Torus::add(int site, int displacement) const {
  if (rows_ == 1) {
    const int sum = site + displacement;
    return sum < columns_ ? sum : sum - columns_;
  }
  const auto [row, column] = coordinates(site);
  const auto [down, right] = coordinates(displacement);
  const int r = row + down, c = column + right;
  return (r < rows_ ? r : r - rows_) * columns_ + (c < columns_ ? c : c - columns_);
}

int Torus::negate(int displacement) const {
  const auto [row, column] = coordinates(displacement);
  return site(-row, -column);
}

std::array<int, 2> Torus::distances(int displacement) const {
  const auto [row, column] = coordinates(displacement);
  return {std::min(row, rows_ - row), std::min(column, columns_ - column)};
}

Field shifted(const Torus& torus, const Field& field, int displacement) {
  Field result(field.size());
  for (int i = 0; i < torus.sites(); ++i) result[torus.add(i, displacement)] = field[i];
  return result;
}

Field reflected(const Torus& torus, const Field& field) {
  Field result(field.size());
  for (int i = 0; i < torus.sites(); ++i) result[torus.negate(i)] = field[i];
  return result;
}

}  // namespace popflow
