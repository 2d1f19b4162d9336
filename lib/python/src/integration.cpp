#include <optional>
#include <span>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/dynamics/schedule.hpp"

#include "bindings.hpp"
#include "interruption.hpp"
#include "running_flow.hpp"
#include "snapshots.hpp"
#include "values.hpp"

namespace popflow::python {

template <>
struct Members<IntegrationResult> {
  static constexpr std::tuple all{&IntegrationResult::reason, &IntegrationResult::tau,
                                  &IntegrationResult::steps, &IntegrationResult::rejected,
                                  &IntegrationResult::evaluations};
};

namespace {

struct Trajectory {
  std::vector<double> time;
  States state;
  std::vector<Parameters> parameters;  ///< where the flow knows them
  std::optional<Parameters> shape;     ///< of these, also where there is no snapshot
  IntegrationResult end;
};

// Shows a state to an observer of Python; whether that says to stop.
bool shown(const py::object& observe, const Eigen::VectorXd& state, double tau) {
  if (observe.is_none()) return false;
  const py::gil_scoped_acquire acquire;
  return says_stop(observe(py::cast(state, py::return_value_policy::copy), tau));
}

// With the last state as a snapshot, also where the run stopped between two scheduled times.
Trajectory as_arrays(const RunningFlow& flow, popflow::Trajectory<Eigen::VectorXd> run) {
  if (!run.time.empty() && run.end.tau > run.time.back()) {
    run.time.push_back(run.end.tau);
    run.states.push_back(run.last);
  }
  States states(static_cast<Eigen::Index>(run.states.size()), run.last.size());
  for (Eigen::Index n = 0; n < states.rows(); ++n)
    states.row(n) = run.states[static_cast<std::size_t>(n)];
  std::vector<Parameters> parameters = flow.parameters(states);
  return {std::move(run.time), std::move(states), std::move(parameters), flow.shape(), run.end};
}

Trajectory integrate_adaptively(const py::object& given, const Eigen::VectorXd& state,
                                const std::vector<double>& times, const py::object& observe,
                                const IntegrationOptions& tolerances) {
  RunningFlow flow(given, state.size());
  const auto observer = [&](const Eigen::VectorXd& now, double tau) {
    return shown(observe, now, tau);
  };
  return as_arrays(flow, interruptible([&](Interruption& interruption) {
                     IntegrationOptions options = tolerances;
                     options.interrupted = [&interruption] { return interruption(); };
                     return integrate(flow, state, times, observer, options);
                   }));
}

Trajectory integrate_in_steps(const py::object& given, const Eigen::VectorXd& state,
                              const std::vector<double>& times, double step,
                              const py::object& observe) {
  RunningFlow flow(given, state.size());
  const auto observer = [&](const Eigen::VectorXd& now, double tau) {
    return shown(observe, now, tau);
  };
  return as_arrays(flow, interruptible([&](Interruption& interruption) {
                     return integrate_fixed(
                         flow, state, times, observer,
                         {.step = step, .interrupted = [&interruption] { return interruption(); }});
                   }));
}

void define_trajectory(py::module_& m) {
  py::class_<Trajectory> trajectory(m, "Trajectory",
                                    R"(Snapshots of a flow, S of them, and how it ended.

They are at the scheduled times; where the flow stopped between two of these, the last snapshot is
where it stopped. There is none where the state or its rate was not finite to begin with.
)");
  trajectory
      .def_property_readonly(
          "time", [](const Trajectory& t) { return array_of(t.time); }, "tau of the snapshots, S.")
      .def_property_readonly(
          "state", [](Trajectory& t) -> States& { return t.state; }, by_reference,
          "States, S x dimension.")
      .def_property_readonly(
          "weights",
          [](const Trajectory& t) {
            if (!t.shape)
              throw py::type_error(
                  "weights: this flow is a function of states, whose weights are not known");
            return stacked_first(t.parameters, *t.shape);
          },
          "First-layer weights u, S x K x N; of a flow of the library only.")
      .def_readonly("parameters", &Trajectory::parameters,
                    "A list of S Parameters; empty for a flow that is not of the library.")
      .def_property_readonly(
          "reason", [](const Trajectory& t) { return name(t.end.reason); },
          "\"reached_end\", \"stationary\", \"step_limit\", \"not_finite\" or \"stopped\".")
      .def_property_readonly("tau", [](const Trajectory& t) { return t.end.tau; })
      .def_property_readonly("steps", [](const Trajectory& t) { return t.end.steps; })
      .def_property_readonly("rejected", [](const Trajectory& t) { return t.end.rejected; })
      .def_property_readonly("evaluations", [](const Trajectory& t) { return t.end.evaluations; });
  define_record(trajectory, {"time", "state", "parameters", "shape", "end"}, &Trajectory::time,
                &Trajectory::state, &Trajectory::parameters, &Trajectory::shape, &Trajectory::end);
}

}  // namespace

void define_integration(py::module_& m) {
  define_trajectory(m);
  const IntegrationOptions defaults;
  m.def(
      "integrate",
      [](const py::object& flow, const Eigen::VectorXd& state, const std::vector<double>& times,
         const py::object& observe, double absolute_tolerance, double relative_tolerance,
         double first_step, std::size_t step_limit, double stationary_rate) {
        return integrate_adaptively(flow, state, times, observe,
                                    {.absolute_tolerance = absolute_tolerance,
                                     .relative_tolerance = relative_tolerance,
                                     .first_step = first_step,
                                     .step_limit = step_limit,
                                     .stationary_rate = stationary_rate});
      },
      py::arg("flow"), py::arg("state"), py::arg("times"), py::kw_only(),
      py::arg("observe") = py::none(), py::arg("absolute_tolerance") = defaults.absolute_tolerance,
      py::arg("relative_tolerance") = defaults.relative_tolerance,
      py::arg("first_step") = defaults.first_step, py::arg("step_limit") = defaults.step_limit,
      py::arg("stationary_rate") = defaults.stationary_rate,
      R"(Integrates dw/dtau = flow(w, tau) from times[0], with error control.

The flow is one of the library's, or a function of the state (and of tau, if it takes two
arguments) that returns an array of the same size. observe(state, tau) is called at every scheduled
time; if it returns True, the integration stops there. If the flow stops early, the last snapshot is
the state at which it stopped. Ctrl-C raises KeyboardInterrupt.

The estimated error of a step is at most absolute_tolerance + relative_tolerance |w|. The step that is
tried first has the length first_step, in units of tau, and there are at most step_limit steps. If
|dw/dtau| is at most stationary_rate, the state counts as stationary; 0 means never. Norms are
Euclidean.

    run = popflow.integrate(lambda u: -u, [1.0], [0, 100], stationary_rate=1e-3)
    run.time[-1], run.state[-1]    # where it came to rest, before 100
)");
  m.def("integrate_fixed", &integrate_in_steps, py::arg("flow"), py::arg("state"), py::arg("times"),
        py::arg("step") = 0.1, py::kw_only(), py::arg("observe") = py::none(),
        "The same by Runge-Kutta steps of at most `step`: for flows with noise.");
  m.def("linear_schedule", &linear_schedule, py::arg("t_end"), py::arg("snapshots"),
        "Equally spaced times from 0 to t_end.");
  m.def("log_schedule", &log_schedule, py::arg("t_first"), py::arg("t_end"), py::arg("snapshots"),
        "0, then times from t_first to t_end in equal ratios.");
}

}  // namespace popflow::python
