#pragma once

#include <utility>

#include "popflow/dynamics/learning.hpp"
#include "popflow/flow/population_gradient.hpp"

namespace popflow {

/// The flow of a network's parameters down a population gradient (Eq. 54): the first layer learns
/// at the rate 1, biases and second layer at those of `learning`. The state is Parameters::values.
template <PopulationGradient Gradient>
class GradientFlow {
 public:
  /// `shape` gives the numbers of neurons and sites. Throws std::invalid_argument for rates out of
  /// range.
  GradientFlow(Gradient gradient, const Parameters& shape, const Learning& learning)
      : gradient_(std::move(gradient)),
        learning_(learning),
        at_(shape),
        slope_(shape),
        rate_(shape) {
    check_learning(learning);
  }

  Eigen::Index dimension() const { return at_.values.size(); }

  /// The gradient, which like the flow is one thread's.
  Gradient& gradient() { return gradient_; }

  void operator()(const Eigen::VectorXd& state, Eigen::VectorXd& rate, double) {
    at_.values = state;
    gradient_(at_, slope_);
    parameter_rate(learning_, at_, slope_, rate_);
    rate = rate_.values;
  }

 private:
  Gradient gradient_;
  Learning learning_;
  Parameters at_, slope_, rate_;
};

}  // namespace popflow
