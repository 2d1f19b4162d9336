#pragma once

#include <array>
#include <vector>

#include "popflow/lattice/eigen.hpp"

namespace popflow {

/// One real value a site, row-major: N entries.
using Field = Eigen::VectorXd;

/// A periodic lattice of N sites: a ring (one extent) or a torus (two extents).
///
/// Sites are numbered row-major; a ring is one row. A displacement is numbered like the site that
/// it reaches from site 0, so that displacements add and negate modulo the lattice.
class Torus {
 public:
  /// `shape` holds one or two extents, each at least 1. Throws std::invalid_argument otherwise.
  explicit Torus(std::vector<int> shape);

  int dimensions() const { return static_cast<int>(shape_.size()); }
  const std::vector<int>& shape() const { return shape_; }
  int rows() const { return rows_; }
  int columns() const { return columns_; }

  /// N, the number of sites.
  int sites() const { return rows_ * columns_; }

  /// Length of a half-spectrum: rows x (columns / 2 + 1).
  int half_modes() const { return rows_ * (columns_ / 2 + 1); }

  /// Number of the site at (row, column), both taken modulo the lattice.
  int site(int row, int column) const;

  /// Row and column of a site.
  std::array<int, 2> coordinates(int site) const { return {site / columns_, site % columns_}; }

  /// The site reached from `site` by `displacement`; either may be read as a displacement.
  int add(int site, int displacement) const;

  /// The opposite displacement.
  int negate(int displacement) const;

  /// How far a displacement, or a wave number, is from zero along the two axes, modulo the lattice.
  std::array<int, 2> distances(int displacement) const;

  bool operator==(const Torus&) const = default;

 private:
  std::vector<int> shape_;
  int rows_;
  int columns_;
};

/// The field moved by `displacement`: result(i + displacement) = field(i).
Field shifted(const Torus& torus, const Field& field, int displacement);

/// The field reflected through site 0: result(-i) = field(i).
Field reflected(const Torus& torus, const Field& field);

}  // namespace popflow
