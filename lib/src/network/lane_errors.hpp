#pragma once

#include "popflow/input/lane_fields.hpp"
#include "popflow/network/loss.hpp"

#include "network/network_kernels.hpp"

namespace popflow {

/// Replaces the outputs phi by weight * d loss / d phi, lane by lane.
template <class Real>
void lane_errors(Loss loss, const Eigen::Ref<const LaneFields<Real>>& label,
                 const Eigen::Ref<const LaneFields<Real>>& weight, LaneView<Real> phi) {
  auto error = phi.array();
  switch (loss) {
    case Loss::squared:
      error = weight.array() * (error - label.array());
      return;
    case Loss::correlation:
      error = -weight.array() * label.array();
      return;
    case Loss::logistic:
      error *= label.array();
      network_kernels<Real>().logistic_tail(static_cast<int>(phi.rows()), phi.data(), phi.data());
      error *= -weight.array() * label.array();
  }
}

}  // namespace popflow
