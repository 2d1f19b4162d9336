#pragma once

#include <memory>

#include "popflow/dynamics/learning.hpp"
#include "popflow/flow/flow.hpp"
#include "popflow/training/orbit_gradient.hpp"

namespace popflow {

/// The population-gradient flow of a fully connected network, its gradient estimated by averaging
/// over samples and their orbits (Eq. 55): the reference for every closed form. Every evaluation
/// draws samples of its own, so that errors average out along a trajectory, but error control would
/// take them for its own: integrate with fixed steps.
///
/// Evaluations are numbered in the order in which they begin, and their number chooses the samples.
/// Copies share the count; threads that evaluate at the same time wait for each other.
class OrbitFlow : public NetworkFlowOf<OrbitFlow> {
 public:
  /// `start` gives the shape, and the values of what does not learn. Throws what OrbitGradient
  /// throws, and std::invalid_argument for rates out of range.
  OrbitFlow(const Task& task, const Network& network, const Parameters& start,
            const Learning& learning, const OrbitGradient::Options& options);

  const StateSpace& space() const { return space_; }
  void evaluate(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double tau) const;

  /// The standard error of the last rate, of every parameter: over sites, 0 of what does not learn.
  Parameters standard_error() const;

 private:
  struct Sampling;

  Learning learning_;
  std::shared_ptr<Sampling> sampling_;
  StateSpace space_;
};

}  // namespace popflow
