#include "tensor/random_bump.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace popflow {

namespace {

double uniform(RandomStream& stream, double low, double high) {
  return low + (high - low) * stream.uniform();
}

Field bump(const Torus& torus, double width, std::array<double, 2> centre) {
  Field field(torus.sites());
  for (int site = 0; site < torus.sites(); ++site) {
    const auto [row, column] = torus.coordinates(site);
    const double dr = std::remainder(row - centre[0], torus.rows()),
                 dc = std::remainder(column - centre[1], torus.columns());
    field[site] = std::exp(-(dr * dr + dc * dc) / (2.0 * width * width));
  }
  return field;
}

}  // namespace

Field random_bump(const Torus& torus, RandomStream& stream) {
  const double widest = std::max(0.5, std::max(torus.rows(), torus.columns()) / 6.0);
  const double width = std::exp(uniform(stream, std::log(0.3), std::log(widest)));
  const double second = width * uniform(stream, 0.3, 1.3);
  const double along_rows = torus.rows() > 1 ? uniform(stream, -2.0, 2.0) * width : 0.0;
  const std::array<double, 2> offset{along_rows, uniform(stream, -2.0, 2.0) * width};
  return bump(torus, width, {0.0, 0.0}) + uniform(stream, -1.0, 1.0) * bump(torus, second, offset);
}

}  // namespace popflow
