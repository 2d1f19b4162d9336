#include "popflow/experiment/parameter_flow.hpp"

#include <memory>
#include <utility>

#include "popflow/dynamics/gradient_flow.hpp"
#include "popflow/experiment/decompose.hpp"
#include "popflow/experiment/flow_gradient.hpp"
#include "popflow/experiment/flow_kinds.hpp"
#include "popflow/flow/quartic_flow.hpp"
#include "popflow/flow/site_flow.hpp"

namespace popflow {

namespace {

ParameterFlow quartic_flow(const Experiment& experiment, const std::function<bool()>& interrupted) {
  const Neuron neuron = single_neuron(experiment);
  FlowCumulants cumulants = flow_cumulants(experiment, flow_spec(experiment), interrupted);
  SiteFlow flow(
      QuarticFlow(experiment.task, neuron, experiment.network.loss, std::move(cumulants.operators)),
      experiment.torus());
  const auto shared = std::make_shared<SiteFlow<QuarticFlow>>(flow);
  return {flow.dimension(),
          [flow](const Eigen::VectorXd& u, Eigen::VectorXd& dudt) mutable { flow(u, dudt, 0.0); },
          [shared](const Eigen::VectorXd& u) { return shared->neglected_terms(u); }};
}

// Biases and second layer are part of the state only where they learn.
ParameterFlow closed_form_flow(const Experiment& experiment,
                               const std::function<bool()>& interrupted) {
  const Parameters initial = initial_parameters(experiment);
  const Learning& learning = experiment.network.learning;
  ClosedFormGradient gradient =
      flow_gradient(experiment, flow_spec(experiment), interrupted).gradient;
  std::function<double(const Eigen::VectorXd&)> neglected;
  if (gradient.neglected_terms(initial))
    neglected = [shared = std::make_shared<ClosedFormGradient>(gradient),
                 at = initial](const Eigen::VectorXd& state) mutable {
      at.values.head(state.size()) = state;
      return *shared->neglected_terms(at);
    };
  GradientFlow flow(std::move(gradient), initial, learning);
  const bool weights_only = learning.bias_rate == 0.0 && learning.second_layer_rate == 0.0;
  const Eigen::Index size = weights_only ? initial.first().size() : initial.values.size();
  return {size,
          [flow, size, values = initial.values, rate = initial.values](
              const Eigen::VectorXd& state, Eigen::VectorXd& dwdt) mutable {
            values.head(size) = state;
            flow(values, rate, 0.0);
            dwdt = rate.head(size);
          },
          neglected};
}

}  // namespace

void check_fixed_point(const Experiment& experiment) {
  if (applicable_kind(experiment, flow_spec(experiment)).form == FlowForm::orbit)
    throw invalid(experiment, "flow.kind", "must not be sampled, for a fixed point");
}

ParameterFlow parameter_flow(const Experiment& experiment,
                             const std::function<bool()>& interrupted) {
  check_fixed_point(experiment);
  const FlowForm form = applicable_kind(experiment, flow_spec(experiment)).form;
  return form == FlowForm::quartic ? quartic_flow(experiment, interrupted)
                                   : closed_form_flow(experiment, interrupted);
}

}  // namespace popflow
