#pragma once

namespace popflow {

/// The loss of an output phi for a label y.
enum class Loss {
  squared,     ///< 1/2 (phi - y)^2
  correlation  ///< -y phi
};

inline double loss_value(Loss loss, double phi, double y) {
  return loss == Loss::squared ? 0.5 * (phi - y) * (phi - y) : -y * phi;
}

/// d loss / d phi.
inline double loss_slope(Loss loss, double phi, double y) {
  return loss == Loss::squared ? phi - y : -y;
}

}  // namespace popflow
