#pragma once

#include <array>

namespace popflow {

/// The loss of an output phi for a label y.
enum class Loss {
  squared,      ///< 1/2 (phi - y)^2
  correlation,  ///< -y phi
  logistic      ///< log(1 + exp(-y phi)), for labels +1 and -1
};

/// The loss and its first four derivatives with respect to phi.
std::array<double, 5> loss_derivatives(Loss loss, double phi, double y);

inline double loss_value(Loss loss, double phi, double y) {
  return loss_derivatives(loss, phi, y)[0];
}

/// d loss / d phi.
inline double loss_slope(Loss loss, double phi, double y) {
  return loss_derivatives(loss, phi, y)[1];
}

}  // namespace popflow
