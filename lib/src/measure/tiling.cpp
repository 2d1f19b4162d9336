#include "popflow/measure/tiling.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <fmt/core.h>

#include "popflow/input/random_stream.hpp"
#include "popflow/moments/interrupted.hpp"
#include "popflow/threads/parallel_for.hpp"

namespace popflow {

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

double axis_distance(double a, double b, int extent) {
  return extent == 1 ? 0.0 : std::abs(std::remainder(a - b, extent));
}

void check_points(const std::vector<Point>& points) {
  for (const auto& [row, column] : points)
    if (!std::isfinite(row) || !std::isfinite(column))
      throw std::invalid_argument(
          fmt::format("point ({}, {}): coordinates must be finite", row, column));
}

std::vector<Point> uniform_points(const Torus& torus, std::size_t n, RandomStream& stream) {
  std::vector<Point> points(n);
  for (auto& [row, column] : points) {
    row = torus.rows() * stream.uniform();
    column = torus.columns() * stream.uniform();
  }
  return points;
}

Eigen::ArrayXd uniform_mean_spacings(const Torus& torus, std::size_t n,
                                     const TilingOptions& options) {
  Eigen::ArrayXd means(options.draws);
  parallel_for(options.draws, [&](int t) {
    check_interrupted(options.interrupted);
    RandomStream stream(options.seed, Purpose::tiling, static_cast<std::uint64_t>(t));
    means[t] = nearest_spacings(torus, uniform_points(torus, n, stream)).mean();
  });
  return means;
}

// The observed set counts as one draw more: under the null all of them are exchangeable (Eq. 49).
double p_value(Eigen::Index as_extreme, Eigen::Index draws) {
  return (static_cast<double>(as_extreme) + 1.0) / (static_cast<double>(draws) + 1.0);
}

}  // namespace

double wrapped_distance(const Torus& torus, const Point& a, const Point& b) {
  return std::hypot(axis_distance(a[0], b[0], torus.rows()),
                    axis_distance(a[1], b[1], torus.columns()));
}

Eigen::VectorXd nearest_spacings(const Torus& torus, const std::vector<Point>& points) {
  check_points(points);
  const auto n = static_cast<Eigen::Index>(points.size());
  if (n < 2) return Eigen::VectorXd::Constant(n, not_a_number);
  Eigen::VectorXd nearest = Eigen::VectorXd::Constant(n, std::numeric_limits<double>::infinity());
  for (Eigen::Index k = 0; k < n; ++k)
    for (Eigen::Index l = 0; l < k; ++l) {
      const double distance = wrapped_distance(torus, points[static_cast<std::size_t>(k)],
                                               points[static_cast<std::size_t>(l)]);
      nearest[k] = std::min(nearest[k], distance);
      nearest[l] = std::min(nearest[l], distance);
    }
  return nearest;
}

Tiling tiling(const Torus& torus, const std::vector<Point>& points, const TilingOptions& options) {
  check_points(points);
  if (options.draws < 2)
    throw std::invalid_argument(fmt::format("{} draws: must be at least 2", options.draws));
  if (points.size() < 2)
    return {not_a_number, not_a_number, not_a_number, not_a_number, not_a_number, not_a_number};

  const double observed = nearest_spacings(torus, points).mean();
  const Eigen::ArrayXd uniform = uniform_mean_spacings(torus, points.size(), options);
  const double mean = uniform.mean();
  return {.mean_spacing = observed,
          .uniform_mean = mean,
          .uniform_standard_deviation =
              std::sqrt((uniform - mean).square().sum() / (options.draws - 1.0)),
          .ratio = observed / mean,  // (Eq. 47), with E0 d estimated by draws
          .p_even = p_value((uniform >= observed).count(), options.draws),
          .p_clustered = p_value((uniform <= observed).count(), options.draws)};
}

}  // namespace popflow
