#pragma once

#include <functional>
#include <optional>

#include "popflow/experiment/experiment.hpp"
#include "popflow/flow/any_flow.hpp"

namespace popflow {

/// The flow of an experiment. If it uses cumulant operators, also their relative error
/// (FlowCumulants).
struct ExperimentFlow {
  AnyFlow flow;
  std::optional<double> cumulant_error = {};
};

/// The flow that spec.kind names, of an experiment that this kind takes (flow_kinds). Throws
/// InvalidExperiment for other experiments, and for flows from samples, which are integrated in
/// another way. Throws Interrupted soon after `interrupted`, which any thread may call, returns
/// true. Example:
///
///     const Experiment experiment = read_experiment("first.toml");
///     const AnyFlow flow = experiment_flow(experiment).flow;
///     const auto run = integrate(flow, flow.state(initial_parameters(experiment)), {0.0, 10.0});
ExperimentFlow experiment_flow(const Experiment& experiment, const FlowSpec& spec,
                               const std::function<bool()>& interrupted = {});

/// The flow of section [flow].
ExperimentFlow experiment_flow(const Experiment& experiment,
                               const std::function<bool()>& interrupted = {});

/// Throws InvalidExperiment if experiment_flow(experiment) would. Computes nothing.
void check_fixed_point(const Experiment& experiment);

}  // namespace popflow
