#pragma once

#include <vector>

#include "popflow/flow/cumulant_term.hpp"
#include "popflow/flow/flow.hpp"
#include "popflow/input/task.hpp"
#include "popflow/network/neuron_average.hpp"
#include "popflow/network/quartic_expansion.hpp"

namespace popflow {

/// Growth rate mu(q) of every Fourier mode of one neuron's weights at u = 0 (Eq. 21), as a
/// half-spectrum of half_modes() real entries. Learning starts where the largest is positive.
Field growth_rate(const Task& task, const Neuron& neuron, Loss loss);

/// The population-gradient flow of one neuron whose loss is expanded to fourth order in its weights
/// (Eq. 18 to 20). It is exact for this quartic loss at all times. For the neuron itself it is the
/// gradient to third order in u, as long as u is small. Bias and second layer are fixed. Example:
///
///     const QuarticFlow flow(task, {.activation = Erf{}, .bias = -1.0}, Loss::squared);
///     const auto run = integrate(flow, flow.state(weights), {0.0, 100.0});
///     const Weights u = flow.weights(run.states.back());
class QuarticFlow : public NetworkFlowOf<QuarticFlow> {
 public:
  /// With one cumulant operator a class, in the task's order. Throws std::invalid_argument for a
  /// bad task, or operators of another number or lattice.
  QuarticFlow(const Task& task, const Neuron& neuron, Loss loss,
              std::vector<CumulantOperator> cumulants);

  /// With every class's exact_cumulant.
  QuarticFlow(const Task& task, const Neuron& neuron, Loss loss, double truncation = 1e-9);

  const StateSpace& space() const { return space_; }

  /// dw/dtau (Eq. 20).
  void evaluate(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double tau) const;

  /// The quartic loss (Eq. 18), up to its constant. Throws std::invalid_argument for a state of
  /// another layout.
  double potential(const State& w) const;

  /// The size of the terms that the expansion neglects, relative to those that it keeps, order by
  /// order (Eq. 115). It is 0 if the expansion is exact, of order |u|^4 for small u, and about 1 if
  /// the expansion has no meaning. Above a tenth (largest_neglected_terms) the flow differs from
  /// that of the neuron. Costs about two evaluations of the flow. Throws as `potential`.
  double neglected_terms(const State& w) const;

 private:
  struct ClassTerm {
    CumulantTerm moments;
    double p_A2;  // probability times expansion coefficient
    double p_A4;
    NeuronAverage average;
  };

  Neuron neuron_;
  StateSpace space_;
  std::vector<ClassTerm> terms_;
};

}  // namespace popflow
