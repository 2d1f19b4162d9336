#pragma once

#include <utility>

#include "popflow/dynamics/learning.hpp"
#include "popflow/flow/flow.hpp"
#include "popflow/flow/population_gradient.hpp"
#include "popflow/threads/copies.hpp"

namespace popflow {

/// The flow of a network's parameters down a population gradient (Eq. 54). The first layer learns
/// at the rate 1, biases and second layer at the rates of `learning`. Parameters with the rate 0
/// are fixed.
template <PopulationGradient Gradient>
class GradientFlow : public NetworkFlowOf<GradientFlow<Gradient>> {
 public:
  /// `start` gives the shape, and the values of parameters that do not learn. Throws
  /// std::invalid_argument for rates out of range, and for a shape that does not fit the gradient's
  /// lattice.
  GradientFlow(Gradient gradient, const Parameters& start, const Learning& learning)
      : gradient_(std::move(gradient)),
        learning_((check_learning(learning), learning)),
        space_(gradient_.torus(), start, learning.bias_rate > 0.0,
               learning.second_layer_rate > 0.0),
        work_(Work{start, start, start}) {}

  const StateSpace& space() const { return space_; }
  const Gradient& gradient() const { return gradient_; }

  void evaluate(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double) const {
    const auto own = work_.lend();
    space_.load(w, own->at);
    gradient_(own->at, own->slope);
    parameter_rate(learning_, own->at, own->slope, own->rate);
    space_.store(own->rate, dwdt);
  }

  /// The neglected terms of the gradient, if it states any: a number, or an optional number.
  auto neglected_terms(const State& w) const requires
      requires(const Gradient& g, const Parameters& at) {
    g.neglected_terms(at);
  }
  { return gradient_.neglected_terms(space_.parameters(w)); }

 private:
  struct Work {
    Parameters at, slope, rate;
  };

  Gradient gradient_;
  Learning learning_;
  StateSpace space_;
  Copies<Work> work_;
};

}  // namespace popflow
