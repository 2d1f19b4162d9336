#pragma once

#include <cmath>
#include <functional>
#include <vector>

namespace popflow {

/// An odd function of a standard normal variable, tabulated: cubic on intervals of 1/128 on
/// [0, 37], beyond which it is constant. (The normal density there is 1e-298.) Its error is
/// 1e-11 of the function's fourth derivative, (1/128)^4 / 384; it need not be smooth at 0.
class OddTable {
 public:
  static constexpr double reach = 37.0;

  /// `function` on z >= 0.
  explicit OddTable(const std::function<double(double)>& function);

  double operator()(double z) const {
    const double t = std::fmin(std::abs(z), reach) * intervals_per_unit;
    const auto cell = static_cast<std::size_t>(t);
    const Cubic& c = cells_[cell];
    const double s = t - static_cast<double>(cell);
    return std::copysign(1.0, z) * (c.c0 + s * (c.c1 + s * (c.c2 + s * c.c3)));
  }

 private:
  static constexpr double intervals_per_unit = 128.0;

  struct Cubic {
    double c0, c1, c2, c3;
  };
  std::vector<Cubic> cells_;
};

}  // namespace popflow
