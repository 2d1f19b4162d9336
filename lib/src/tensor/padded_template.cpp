#include "tensor/padded_template.hpp"

#include <algorithm>
#include <cstdlib>

namespace popflow {

namespace {

// The representative of `x` modulo `extent` nearest to 0.
int nearest(int x, int extent) { return 2 * x > extent ? x - extent : x; }

int copies(int extent) { return extent > 1 ? 3 : 1; }

}  // namespace

PaddedTemplate::PaddedTemplate(const Torus& torus, const Eigen::Ref<const Field>& field)
    : torus_(torus),
      padded_(copies(torus.rows()) * torus.rows(), copies(torus.columns()) * torus.columns()) {
  for (Eigen::Index row = 0; row < padded_.rows(); ++row)
    for (Eigen::Index column = 0; column < padded_.cols(); ++column)
      padded_(row, column) = field[torus.site(static_cast<int>(row), static_cast<int>(column))];
}

const double* PaddedTemplate::row(const Box& box, int row, int displacement) const {
  const auto [down, right] = torus_.coordinates(displacement);
  const int first_row = torus_.rows() > 1 ? torus_.rows() : 0,
            first_column = torus_.columns() > 1 ? torus_.columns() : 0;
  return &padded_(first_row + box.row_begin + row + nearest(down, torus_.rows()),
                  first_column + box.column_begin + nearest(right, torus_.columns()));
}

std::vector<PaddedTemplate> padded_templates(const Torus& torus, const Eigen::MatrixXd& fields) {
  std::vector<PaddedTemplate> padded;
  for (Eigen::Index r = 0; r < fields.cols(); ++r) padded.emplace_back(torus, fields.col(r));
  return padded;
}

Box support(const Torus& torus, const Eigen::MatrixXd& fields) {
  int rows = 0, columns = 0;  // furthest from site 0
  for (int site = 0; site < torus.sites(); ++site) {
    if (fields.row(site).isZero(0.0)) continue;
    const auto [row, column] = torus.coordinates(site);
    rows = std::max(rows, std::abs(nearest(row, torus.rows())));
    columns = std::max(columns, std::abs(nearest(column, torus.columns())));
  }
  // No site is taken twice along an axis.
  const auto extent = [](int furthest, int whole) { return std::min(2 * furthest + 1, whole); };
  const int height = extent(rows, torus.rows()), width = extent(columns, torus.columns());
  return {-((height - 1) / 2), -((width - 1) / 2), height, width};
}

}  // namespace popflow
