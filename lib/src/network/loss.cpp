#include "popflow/network/loss.hpp"

#include <algorithm>
#include <cmath>

namespace popflow {

namespace {

// In the margin m = y phi, with p = 1 / (1 + exp m) and q = p (1 - p), so that dp/dm = -q.
std::array<double, 5> logistic_derivatives(double phi, double y) {
  const double m = y * phi, small = std::exp(-std::abs(m));
  const double p = (m < 0.0 ? 1.0 : small) / (1.0 + small), q = small / std::pow(1.0 + small, 2);
  const double y2 = y * y;
  return {std::max(-m, 0.0) + std::log1p(small), -y * p, y2 * q, -y2 * y * q * (1.0 - 2.0 * p),
          y2 * y2 * q * (1.0 - 6.0 * q)};
}

}  // namespace

std::array<double, 5> loss_derivatives(Loss loss, double phi, double y) {
  switch (loss) {
    case Loss::squared:
      return {0.5 * (phi - y) * (phi - y), phi - y, 1.0, 0.0, 0.0};
    case Loss::correlation:
      return {-y * phi, -y, 0.0, 0.0, 0.0};
    case Loss::logistic:
      break;
  }
  return logistic_derivatives(phi, y);
}

}  // namespace popflow
