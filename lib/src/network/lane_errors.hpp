#pragma once

#include "popflow/input/lane_fields.hpp"
#include "popflow/network/loss.hpp"

#include "network/network_kernels.hpp"

namespace popflow {

/// error = weight * d loss / d phi of the first `rows` rows, lane by lane; phi is overwritten.
template <class Real>
void lane_errors(Loss loss, Eigen::Index rows, const Eigen::Ref<const LaneFields<Real>>& label,
                 const Eigen::Ref<const LaneFields<Real>>& weight, LaneFields<Real>& phi,
                 LaneFields<Real>& error) {
  auto output = phi.topRows(rows).array();
  auto slope = error.topRows(rows).array();
  switch (loss) {
    case Loss::squared:
      slope = weight.array() * (output - label.array());
      return;
    case Loss::correlation:
      slope = -weight.array() * label.array();
      return;
    case Loss::logistic:
      output *= label.array();
      network_kernels<Real>().logistic_tail(static_cast<int>(rows), phi.data(), error.data());
      slope *= -weight.array() * label.array();
  }
}

}  // namespace popflow
