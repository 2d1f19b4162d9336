#include "popflow/dynamics/trajectory.hpp"

namespace popflow {

TrajectoryRecorder::TrajectoryRecorder(const Torus& torus, Trajectory& trajectory)
    : fourier_(torus), trajectory_(&trajectory) {}

void TrajectoryRecorder::operator()(const Eigen::VectorXd& state, double tau) {
  trajectory_->weights.push_back(weights_of(fourier_, state));
  trajectory_->time.push_back(tau);
}

}  // namespace popflow
