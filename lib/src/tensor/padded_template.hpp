#pragma once

#include <Eigen/Core>

#include "popflow/lattice/torus.hpp"

namespace popflow {

/// Sites row_begin <= row < row_begin + rows (columns likewise), not wrapped: begins may be
/// negative.
struct Box {
  int row_begin, column_begin, rows, columns;
};

/// A field on a torus written out three times along every axis it has, so that it can be read at
/// any site of a box moved by any displacement, row by row, without wrapping indices.
class PaddedTemplate {
 public:
  PaddedTemplate(const Torus& torus, const Eigen::Ref<const Field>& field);

  /// The row of the box moved by a displacement (0 <= row < box.rows), box.columns entries.
  const double* row(const Box& box, int row, int displacement) const;

 private:
  Torus torus_;
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> padded_;
};

/// The smallest box, a window around site 0, outside which every column of `fields` vanishes.
Box support(const Torus& torus, const Eigen::MatrixXd& fields);

}  // namespace popflow
