#pragma once

#include <memory>

#include "popflow/dynamics/learning.hpp"
#include "popflow/flow/flow.hpp"
#include "popflow/training/orbit_gradient.hpp"

namespace popflow {

/// The population-gradient flow of a fully connected network, with a gradient that is averaged over
/// samples and their orbits (Eq. 55). It is the reference for every closed form. Every evaluation
/// draws samples of its own, so that errors average out along a trajectory. Integrate it with fixed
/// steps: error control would mistake the noise for errors of the steps.
///
/// Evaluations are numbered in the order in which they begin, and their number chooses the samples.
/// Copies share the count. Threads that evaluate at the same time wait for each other.
class OrbitFlow : public NetworkFlowOf<OrbitFlow> {
 public:
  /// `start` gives the shape, and the values of parameters that do not learn. Throws what
  /// OrbitGradient throws, and std::invalid_argument for rates out of range.
  OrbitFlow(const Task& task, const Network& network, const Parameters& start,
            const Learning& learning, const OrbitGradient::Options& options);

  const StateSpace& space() const { return space_; }
  void evaluate(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double tau) const;

  /// The standard error of every parameter's rate in the last evaluation, with weights over sites.
  /// It is 0 for parameters that do not learn.
  Parameters standard_error() const;

 private:
  struct Sampling;

  Learning learning_;
  std::shared_ptr<Sampling> sampling_;
  StateSpace space_;
};

}  // namespace popflow
