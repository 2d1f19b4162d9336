#pragma once

#include <vector>

#include <Eigen/Core>

#include "popflow/flow/state.hpp"
#include "popflow/lattice/fourier.hpp"

namespace popflow {

/// Snapshots of the weights: weights[n], K x N, at time[n].
struct Trajectory {
  std::vector<double> time;
  std::vector<Weights> weights;
};

/// An observer for integrate that appends the weights of every state it sees to a trajectory, which
/// must outlive it. The trajectory is the caller's, so that what was recorded survives whatever
/// ends the run.
class TrajectoryRecorder {
 public:
  /// `torus` is the lattice of the flow.
  TrajectoryRecorder(const Torus& torus, Trajectory& trajectory);

  /// `state` as state_of makes it: 2 K half_modes() entries.
  void operator()(const Eigen::VectorXd& state, double tau);

 private:
  FourierTransform fourier_;
  Trajectory* trajectory_;
};

}  // namespace popflow
