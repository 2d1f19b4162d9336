#include "popflow/moments/odd_table.hpp"

namespace popflow {

namespace {

// The slope at node i, times the interval, from five nodes on the same side of 0: to fourth order.
double slope(const std::vector<double>& f, std::size_t i) {
  const std::size_t n = f.size();
  if (i >= 2 && i + 2 < n) return (8.0 * (f[i + 1] - f[i - 1]) - (f[i + 2] - f[i - 2])) / 12.0;
  if (i == 0) return (-25.0 * f[0] + 48.0 * f[1] - 36.0 * f[2] + 16.0 * f[3] - 3.0 * f[4]) / 12.0;
  if (i == 1) return (-3.0 * f[0] - 10.0 * f[1] + 18.0 * f[2] - 6.0 * f[3] + f[4]) / 12.0;
  return 0.5 * (3.0 * f[i] - 4.0 * f[i - 1] + f[i - 2]);
}

}  // namespace

OddTable::OddTable(const std::function<double(double)>& function) {
  const auto intervals = static_cast<std::size_t>(reach * intervals_per_unit);
  std::vector<double> f(intervals + 1);
  for (std::size_t i = 0; i <= intervals; ++i)
    f[i] = function(static_cast<double>(i) / intervals_per_unit);
  for (std::size_t i = 0; i < intervals; ++i) {
    const double rise = f[i + 1] - f[i], left = slope(f, i), right = slope(f, i + 1);
    cells_.push_back({f[i], left, 3.0 * rise - 2.0 * left - right, left + right - 2.0 * rise});
  }
  cells_.push_back({f[intervals], 0.0, 0.0, 0.0});
}

}  // namespace popflow
