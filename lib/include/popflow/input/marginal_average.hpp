#pragma once

#include <cmath>
#include <vector>

#include "popflow/input/pointwise_field.hpp"

namespace popflow {

/// E[x F(x)] over the law of one site of a pointwise field, x = psi(z) with z ~ N(0, 1)
/// (Eq. 76): exact for a sign field, otherwise the trapezoid rule in t,
///
///     z = sinh(t) / gamma,      gamma = steepness max(1, g)
///
/// which sees the step of psi, 1/g wide, and the tails of z alike: as many nodes as
/// asinh(9 gamma) / step. The step is halved until the result moves by less than 1e-7 of its
/// integrand's absolute sum. For functions that are smooth on the scale of x / steepness the error
/// falls as exp(-pi^2 / (2 step)), so that it is then of the order of 1e-14; a function with a kink
/// leaves an error of the order of 1e-6.
class MarginalAverage {
 public:
  /// For functions that vary over distances of 1 / steepness about x = 0, in units of the standard
  /// deviation of x; steepness at least 1. The step is halved `halvings` times at most, each of
  /// which doubles the nodes kept; for functions of this steepness, 3 are enough.
  explicit MarginalAverage(const PointwiseField& field, double steepness = 1.0, int halvings = 9);

  /// E[x F(x)].
  template <class Function>
  double operator()(const Function& F) const {
    constexpr double tolerance = 1e-7, rounding = 1e-14;
    double h = first_step_, sum = 0.0, previous = 0.0;
    double size = 0.0;  // of the error allowed, but for the step
    for (const std::vector<Node>& level : levels_) {
      for (const Node& node : level) {
        const double above = F(node.x), below = F(-node.x);
        sum += node.weight * (above - below);
        size += node.weight * (tolerance * std::abs(above - below) +
                               rounding * (std::abs(above) + std::abs(below)));
      }
      if (&level == &levels_.front()) {
        previous = h * sum;
        continue;
      }
      h *= 0.5;
      const double moved = h * sum - previous;
      previous = h * sum;
      if (std::abs(moved) <= h * size) break;
    }
    return previous;
  }

 private:
  struct Node {
    double x;       // > 0, and stands for -x too
    double weight;  // density of t, times x
  };

  double first_step_;
  std::vector<std::vector<Node>> levels_;  // each has the midpoints of all before
};

}  // namespace popflow
