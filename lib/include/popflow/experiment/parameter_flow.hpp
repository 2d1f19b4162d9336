#pragma once

#include <functional>

#include "popflow/experiment/experiment.hpp"

namespace popflow {

/// The flow of an experiment over sites, whatever its kind. Its state is the head of
/// Parameters::values: the weights, K x N, and where biases or second layer learn, all of it.
struct ParameterFlow {
  Eigen::Index size;
  std::function<void(const Eigen::VectorXd&, Eigen::VectorXd&)> rate;
  /// Of an expansion: how large the terms are that it neglects at a state (flow/expansion.hpp).
  /// Not for several threads, also of copies.
  std::function<double(const Eigen::VectorXd&)> neglected_terms = {};

  Eigen::Index dimension() const { return size; }
  void operator()(const Eigen::VectorXd& state, Eigen::VectorXd& dwdt, double) {
    rate(state, dwdt);
  }
};

/// Throws InvalidExperiment where the experiment has no section [flow], or a sampled flow.
void check_fixed_point(const Experiment& experiment);

/// Throws InvalidExperiment where the experiment has no such flow, or a sampled one. `interrupted`
/// is as in flow_cumulants.
ParameterFlow parameter_flow(const Experiment& experiment,
                             const std::function<bool()>& interrupted = {});

}  // namespace popflow
