#include <span>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/dynamics/integrate_fixed.hpp"
#include "popflow/dynamics/schedule.hpp"

#include "bindings.hpp"
#include "flows.hpp"
#include "interruption.hpp"
#include "snapshots.hpp"

namespace popflow::python {

namespace {

using States = Weights;  // snapshots x entries

struct Trajectory {
  std::vector<double> time;
  States state;
  std::vector<Parameters> parameters;  ///< where the flow knows them
  IntegrationResult end;
};

// A flow written in Python: what function(state, tau) returns, or function(state) where it takes no
// more. Its state is an array that it may keep.
class PythonFlow {
 public:
  PythonFlow(py::function function, Eigen::Index size)
      : function_(std::move(function)), dimension_(size), timed_(takes_two(function_)) {}

  Eigen::Index dimension() const { return dimension_; }

  void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double tau) {
    const py::gil_scoped_acquire acquire;
    const py::object state = py::cast(w, py::return_value_policy::copy);
    const auto rate = Numbers::ensure(timed_ ? function_(state, tau) : function_(state));
    if (!rate || rate.ndim() != 1 || rate.size() != dimension_)
      throw std::invalid_argument("flow: must return an array of the state's size");
    dwdt = Eigen::Map<const Eigen::VectorXd>(rate.data(), dimension_);
  }

 private:
  using Numbers = py::array_t<double, py::array::c_style | py::array::forcecast>;

  // Whether it asks for two arguments; what has no signature, such as a ufunc, takes one.
  static bool takes_two(const py::function& function) {
    const auto inspect = py::module_::import("inspect");
    py::object signature;
    try {
      signature = inspect.attr("signature")(function);
    } catch (const py::error_already_set&) {
      return false;
    }
    int asked = 0;
    for (const py::handle parameter : signature.attr("parameters").attr("values")())
      if (parameter.attr("default").is(inspect.attr("Parameter").attr("empty")) &&
          parameter.attr("kind").cast<int>() <= 1)  // positional
        ++asked;
    return asked > 1;
  }

  py::function function_;
  Eigen::Index dimension_;
  bool timed_;
};

// What integrates: a flow of the library, held while it runs, or one written in Python.
class Running {
 public:
  Running(const py::object& flow, Eigen::Index size) {
    if (py::isinstance<AnyFlow>(flow))
      own_ = flow.cast<std::shared_ptr<AnyFlow>>();
    else if (py::isinstance<py::function>(flow) || PyCallable_Check(flow.ptr()))
      python_.emplace(py::reinterpret_borrow<py::function>(flow), size);
    else
      throw py::type_error("flow: must be a Flow, or a function of a state");
  }

  Eigen::Index dimension() const { return own_ ? own_->dimension : python_->dimension(); }

  void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double tau) {
    own_ ? own_->rate(w, dwdt, tau) : (*python_)(w, dwdt, tau);
  }

  // Without the interpreter lock, so that whoever has the flow can end.
  std::unique_lock<std::recursive_mutex> hold() const {
    if (!own_) return {};
    return std::unique_lock(own_->busy);
  }

  std::vector<Parameters> parameters(const States& states) const {
    std::vector<Parameters> result;
    if (own_ && own_->parameters)
      for (const auto& state : states.rowwise())
        result.push_back(own_->parameters(Eigen::VectorXd(state.transpose())));
    return result;
  }

 private:
  std::shared_ptr<AnyFlow> own_;
  std::optional<PythonFlow> python_;
};

// Keeps the states of a run and shows them to an observer.
class Recorder {
 public:
  Recorder(const py::object& observe, std::size_t snapshots, Eigen::Index size)
      : observe_(observe), states_(static_cast<Eigen::Index>(snapshots), size) {}

  void operator()(const Eigen::VectorXd& state, double tau) {
    states_.row(static_cast<Eigen::Index>(time_.size())) = state;
    time_.push_back(tau);
    if (observe_.is_none()) return;
    const py::gil_scoped_acquire acquire;
    observe_(py::cast(state, py::return_value_policy::copy), tau);
  }

  Trajectory finish(const Running& flow, const IntegrationResult& end) {
    states_.conservativeResize(static_cast<Eigen::Index>(time_.size()), Eigen::NoChange);
    std::vector<Parameters> parameters = flow.parameters(states_);
    return {std::move(time_), std::move(states_), std::move(parameters), end};
  }

 private:
  const py::object& observe_;
  std::vector<double> time_;
  States states_;
};

Trajectory integrate_adaptively(const py::object& given, Eigen::VectorXd state,
                                const std::vector<double>& times, const py::object& observe,
                                const IntegrationOptions& tolerances) {
  Running flow(given, state.size());
  Recorder record(observe, times.size(), state.size());
  const IntegrationResult end = interruptible([&](Interruption& interruption) {
    const auto held = flow.hold();
    IntegrationOptions options = tolerances;
    options.interrupted = [&interruption] { return interruption(); };
    return integrate(flow, state, times, record, options);
  });
  return record.finish(flow, end);
}

Trajectory integrate_in_steps(const py::object& given, Eigen::VectorXd state,
                              const std::vector<double>& times, double step,
                              const py::object& observe) {
  Running flow(given, state.size());
  Recorder record(observe, times.size(), state.size());
  const IntegrationResult end = interruptible([&](Interruption& interruption) {
    const auto held = flow.hold();
    return integrate_fixed(
        flow, state, times, record,
        {.step = step, .interrupted = [&interruption] { return interruption(); }});
  });
  return record.finish(flow, end);
}

void define_trajectory(py::module_& m) {
  py::class_<Trajectory>(m, "Trajectory", "Snapshots of a flow, S of them, and how it ended.")
      .def_property_readonly(
          "time", [](const Trajectory& t) { return array_of(t.time); }, "tau of the snapshots, S.")
      .def_property_readonly(
          "state", [](Trajectory& t) -> States& { return t.state; },
          py::return_value_policy::reference_internal, "States, S x dimension.")
      .def_property_readonly(
          "weights", [](const Trajectory& t) { return stacked_first(t.parameters); },
          "First-layer weights u, S x K x N; of a flow of the library only.")
      .def_readonly("parameters", &Trajectory::parameters,
                    "A list of S Parameters; empty for a flow that is not of the library.")
      .def_property_readonly(
          "reason", [](const Trajectory& t) { return name(t.end.reason); },
          "\"reached_end\", \"stationary\", \"step_limit\" or \"not_finite\".")
      .def_property_readonly("tau", [](const Trajectory& t) { return t.end.tau; })
      .def_property_readonly("steps", [](const Trajectory& t) { return t.end.steps; })
      .def_property_readonly("rejected", [](const Trajectory& t) { return t.end.rejected; })
      .def_property_readonly("evaluations", [](const Trajectory& t) { return t.end.evaluations; });
}

}  // namespace

void define_integration(py::module_& m) {
  define_trajectory(m);
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
      py::arg("observe") = py::none(), py::arg("absolute_tolerance") = 1e-10,
      py::arg("relative_tolerance") = 1e-8, py::arg("first_step") = 1e-3,
      py::arg("step_limit") = 1'000'000, py::arg("stationary_rate") = 0.0,
      R"(Integrates dw/dtau = flow(w, tau) from times[0], with error control.

The flow is one of the library's, or a function of the state (and of tau, if it takes two
arguments) that returns an array of the same size. observe(state, tau) is called at every scheduled
time. Ctrl-C raises KeyboardInterrupt.
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
