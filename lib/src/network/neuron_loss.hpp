#pragma once

#include <array>

#include "popflow/network/activation.hpp"
#include "popflow/network/loss.hpp"

namespace popflow {

// The loss l(v sigma(x)) of a network with one neuron, for inputs of one label.
struct NeuronLoss {
  Loss loss;
  double label, v;

  struct Values {
    std::array<double, 5> by_x;  // the loss and its first four derivatives
    double by_v;                 // d loss / dv
  };

  // By Faa di Bruno's formula, with l_n and g_n = v s_n the derivatives of its two factors (Eq.
  // 19).
  Values operator()(const Derivatives& s) const {
    const double g1 = v * s[1], g2 = v * s[2], g3 = v * s[3], g4 = v * s[4];
    const auto [l0, l1, l2, l3, l4] = loss_derivatives(loss, v * s[0], label);
    return {{l0, l1 * g1, l2 * g1 * g1 + l1 * g2, l3 * g1 * g1 * g1 + 3.0 * l2 * g1 * g2 + l1 * g3,
             l4 * g1 * g1 * g1 * g1 + 6.0 * l3 * g1 * g1 * g2 +
                 l2 * (3.0 * g2 * g2 + 4.0 * g1 * g3) + l1 * g4},
            l1 * s[0]};
  }
};

}  // namespace popflow
