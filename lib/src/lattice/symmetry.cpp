#include "popflow/lattice/symmetry.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/core.h>

namespace popflow {

namespace {

// Rounding of a computed covariance. Not more: at high gain the cumulant magnifies a difference g
// times, and its accuracy is 1e-15 g.
constexpr double rounding = 1e-14;

// Displacements with the axes multiplied by `down` and `right`, +-1, and then perhaps exchanged.
std::vector<int> displacement_map(const Torus& torus, int down, int right, bool exchange) {
  std::vector<int> map(torus.sites());
  for (int d = 0; d < torus.sites(); ++d) {
    const auto [row, column] = torus.coordinates(d);
    map[d] =
        exchange ? torus.site(right * column, down * row) : torus.site(down * row, right * column);
  }
  return map;
}

bool unchanged(const Field& field, const std::vector<int>& map) {
  double change = 0.0;
  for (int d = 0; d < field.size(); ++d)
    change = std::max(change, std::abs(field[d] - field[map[d]]));
  return change <= rounding * field.cwiseAbs().maxCoeff();
}

bool has_equal_axes(const Torus& torus) {
  return torus.dimensions() == 2 && torus.rows() == torus.columns();
}

}  // namespace

LatticeSymmetry symmetry_of(const Torus& torus, const Field& covariance) {
  // With inversion, the reflection of one axis makes that of the other.
  return {.axis_reflections = torus.dimensions() == 2 &&
                              unchanged(covariance, displacement_map(torus, -1, 1, false)),
          .axis_exchange =
              has_equal_axes(torus) && unchanged(covariance, displacement_map(torus, 1, 1, true))};
}

void check_symmetry(const Torus& torus, const LatticeSymmetry& symmetry) {
  if (symmetry.axis_exchange && !has_equal_axes(torus))
    throw std::invalid_argument(
        fmt::format("exchange of the axes of a lattice of {} x {} sites: they must be equal",
                    torus.rows(), torus.columns()));
}

std::vector<std::vector<int>> displacement_maps(const Torus& torus,
                                                const LatticeSymmetry& symmetry) {
  check_symmetry(torus, symmetry);
  std::vector<std::vector<int>> maps;
  for (bool exchange : {false, true})
    for (int down : {1, -1})
      for (int right : {1, -1}) {
        if (exchange && !symmetry.axis_exchange) continue;
        if (down != right && !symmetry.axis_reflections) continue;
        std::vector<int> map = displacement_map(torus, down, right, exchange);
        if (std::find(maps.begin(), maps.end(), map) == maps.end()) maps.push_back(std::move(map));
      }
  return maps;
}

}  // namespace popflow
