#pragma once

#include <cstdint>

#include "popflow/dynamics/learning.hpp"
#include "popflow/training/orbit_gradient.hpp"

namespace popflow {

/// The population-gradient flow of a fully connected network, its gradient estimated by averaging
/// over samples and their orbits (Eq. 55): the reference for every closed form. The state is
/// Parameters::values. Every evaluation draws samples of its own, so that errors average out along
/// a trajectory, but error control would take them for its own: integrate with fixed steps.
class OrbitFlow {
 public:
  /// `shape` gives the numbers of neurons and sites. Throws what OrbitGradient throws, and
  /// std::invalid_argument for rates out of range.
  OrbitFlow(const Task& task, const Network& network, const Parameters& shape,
            const Learning& learning, const OrbitGradient::Options& options);

  Eigen::Index dimension() const { return parameters_.values.size(); }
  void operator()(const Eigen::VectorXd& state, Eigen::VectorXd& rate, double tau);

  /// The standard error of every entry of the last rate.
  Eigen::VectorXd standard_error() const;

 private:
  OrbitGradient gradient_;
  Learning learning_;
  Parameters parameters_, rate_;
  std::uint64_t evaluations_ = 0;
};

}  // namespace popflow
