#pragma once

#include <vector>

#include <Eigen/Core>

#include "popflow/lattice/torus.hpp"

namespace popflow {

/// The sites row_begin <= row < row_begin + rows, and likewise for columns. The indices are not
/// wrapped: begins may be negative.
struct Box {
  int row_begin, column_begin, rows, columns;
};

/// A field on a torus, copied three times along either axis. It can be read row by row at all sites
/// of a box moved by any displacement, without wrapping of indices.
class PaddedTemplate {
 public:
  PaddedTemplate(const Torus& torus, const Eigen::Ref<const Field>& field);

  /// Row number `row` (0 <= row < box.rows) of the box moved by `displacement`: box.columns
  /// entries.
  const double* row(const Box& box, int row, int displacement) const;

 private:
  using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  Torus torus_;
  Rows padded_;
};

/// The padded columns of `fields`, N x R.
std::vector<PaddedTemplate> padded_templates(const Torus& torus, const Eigen::MatrixXd& fields);

/// The smallest window around site 0 outside which every column of `fields` vanishes.
Box support(const Torus& torus, const Eigen::MatrixXd& fields);

}  // namespace popflow
