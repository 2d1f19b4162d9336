#include "tensor/padded_template.hpp"

#include <algorithm>

namespace popflow {

namespace {

// The representative of `x` modulo `extent` nearest to 0.
int nearest(int x, int extent) { return 2 * x > extent ? x - extent : x; }

}  // namespace

PaddedTemplate::PaddedTemplate(const Torus& torus, const Eigen::Ref<const Field>& field)
    : torus_(torus),
      padded_(Eigen::Map<const Rows>(field.data(), torus.rows(), torus.columns()).replicate(3, 3)) {
}

const double* PaddedTemplate::row(const Box& box, int row, int displacement) const {
  const auto [down, right] = torus_.coordinates(displacement);
  return &padded_(torus_.rows() + box.row_begin + row + nearest(down, torus_.rows()),
                  torus_.columns() + box.column_begin + nearest(right, torus_.columns()));
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
    const auto [row, column] = torus.distances(site);
    rows = std::max(rows, row);
    columns = std::max(columns, column);
  }
  // No site is taken twice along an axis.
  const auto extent = [](int furthest, int whole) { return std::min(2 * furthest + 1, whole); };
  const int height = extent(rows, torus.rows()), width = extent(columns, torus.columns());
  return {-((height - 1) / 2), -((width - 1) / 2), height, width};
}

}  // namespace popflow
