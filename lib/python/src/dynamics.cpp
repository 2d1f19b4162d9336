#include "popflow/dynamics/continuation.hpp"
#include "popflow/dynamics/fixed_point.hpp"
#include "popflow/dynamics/jacobian.hpp"
#include "popflow/dynamics/stability.hpp"

#include "arguments.hpp"
#include "bindings.hpp"
#include "interruption.hpp"
#include "running_flow.hpp"
#include "values.hpp"

namespace popflow::python {

template <>
struct Members<FixedPointResult> {
  static constexpr std::tuple all{&FixedPointResult::reason,
                                  &FixedPointResult::residual,
                                  &FixedPointResult::translation_residual,
                                  &FixedPointResult::drift,
                                  &FixedPointResult::steps,
                                  &FixedPointResult::evaluations};
};

namespace {

struct FixedPoint {
  Eigen::VectorXd state;
  std::vector<Parameters> parameters;  ///< of the state, where the flow knows them
  FixedPointResult end;
};

// A flow that ends by an exception where the thread should stop.
struct CheckedFlow {
  RunningFlow& flow;
  Interruption& interruption;

  Eigen::Index dimension() const { return flow.dimension(); }
  void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double tau) {
    interruption.check();
    flow(w, dwdt, tau);
  }
};

FixedPoint fixed_point(const py::object& given, Eigen::VectorXd state,
                       const FixedPointOptions& options) {
  RunningFlow flow(given, state.size());
  popflow::detail::check_state_size(flow.dimension(), state.size());
  if (flow.own() && (options.lattice || options.neurons != 1))
    throw std::invalid_argument(
        "torus and neurons are for functions of your own: this flow knows its lattice");
  const auto weights = flow.own() ? popflow::detail::weights_on_lattice(flow.own()->flow, options)
                                  : popflow::detail::weights_on_lattice(flow, options);
  const FixedPointResult end = interruptible([&](Interruption& interruption) {
    CheckedFlow checked{flow, interruption};
    return popflow::detail::find_fixed_point(popflow::detail::rate_of(checked), state, weights,
                                             options);
  });
  std::vector<Parameters> parameters = flow.parameters(state.transpose());
  return {std::move(state), std::move(parameters), end};
}

void define_fixed_point_found(py::module_& m) {
  py::class_<FixedPoint> type(m, "FixedPoint", "Where a search for a fixed point of a flow ended.");
  type.def_property_readonly("state", [](const FixedPoint& f) { return f.state; })
      .def_property_readonly(
          "parameters",
          [](const FixedPoint& f) -> std::optional<Parameters> {
            if (f.parameters.empty()) return {};
            return f.parameters.front();
          },
          "Parameters of the state; None for a flow that is not of the library.")
      .def_property_readonly(
          "reason", [](const FixedPoint& f) { return name(f.end.reason); },
          "\"converged\", \"drifting\", \"step_limit\", \"stalled\" or \"not_finite\".")
      .def_property_readonly(
          "residual", [](const FixedPoint& f) { return f.end.residual; },
          "|flow(state)|; of a Flow, or with a torus, its part across the translations.")
      .def_property_readonly(
          "translation_residual", [](const FixedPoint& f) { return f.end.translation_residual; },
          "|flow(state)| along the translations; 0 for a function without a torus.")
      .def_property_readonly(
          "drift", [](const FixedPoint& f) { return f.end.drift; },
          "Velocity of the state in sites per tau, along every axis of the torus.")
      .def_property_readonly("steps", [](const FixedPoint& f) { return f.end.steps; })
      .def_property_readonly("evaluations", [](const FixedPoint& f) { return f.end.evaluations; });
  define_record(type, {"state", "parameters", "end"}, &FixedPoint::state, &FixedPoint::parameters,
                &FixedPoint::end);
}

void define_fixed_point(py::module_& m) {
  define_fixed_point_found(m);
  m.def(
      "find_fixed_point",
      [](const py::object& flow, const Eigen::VectorXd& state, double tolerance, bool stable,
         double first_step, double null_rate, int step_limit, double scale,
         const std::optional<Torus>& torus, int neurons) {
        return fixed_point(flow, state,
                           {.tolerance = tolerance,
                            .stable = stable,
                            .first_step = first_step,
                            .null_rate = null_rate,
                            .step_limit = step_limit,
                            .scale = scale,
                            .lattice = torus,
                            .neurons = neurons});
      },
      py::arg("flow"), py::arg("state"), py::kw_only(), py::arg("tolerance") = 1e-12,
      py::arg("stable") = true, py::arg("first_step") = 1.0, py::arg("null_rate") = 1e-8,
      py::arg("step_limit") = 500, py::arg("scale") = 1.0, py::arg("torus") = py::none(),
      py::arg("neurons") = 1,
      R"(A zero of the flow near a state, by pseudo-transient continuation (Eq. 95, 118).

The flow is as `integrate` takes it, but must not depend on time, nor be sampled. With `stable`, the
stable fixed point that the flow leads to is searched; without it, the nearest one, by Newton's
method. A state is a fixed point if |flow(state)| is at most `tolerance`. If the search does not
converge, `reason` says why. It uses dense matrices of the flow's dimension. Ctrl-C raises
KeyboardInterrupt.

For a Flow of the library the search is modulo translation: `residual` is the part of |flow(state)|
across the translations, and `translation_residual` the part along them. For a function of your own
it is so with `torus`: the first neurons x N entries of the state are then weights over its N sites,
row-major, and the flow must not change when all neurons are shifted together. A state that the
sites do not hold in its place is "drifting", with its velocity `drift`. Linear rates, in 1/tau, and
velocities, in sites per tau, that are below `null_rate` count as zero. `tolerance`, `first_step`,
`null_rate` and `scale` are positive and finite. Example:

    flow = popflow.QuarticFlow(task, popflow.Neuron(bias=-1.0))
    found = popflow.find_fixed_point(flow, flow.state(weights))
    rates = popflow.stability(popflow.jacobian(flow, found.state)).growth
)");
}

Differences differences_of(const std::string& name) {
  constexpr std::array<Choice<Differences>, 2> choices{
      {{"two_point", Differences::two_point}, {"four_point", Differences::four_point}}};
  return chosen("differences", name, choices);
}

Eigen::MatrixXd jacobian_at(const py::object& given, const Eigen::VectorXd& state,
                            Differences differences, double scale) {
  RunningFlow flow(given, state.size());
  return interruptible([&](Interruption& interruption) {
    return jacobian(CheckedFlow{flow, interruption}, state, differences, scale);
  });
}

void define_stability(py::module_& m) {
  m.def(
      "jacobian",
      [](const py::object& flow, const Eigen::VectorXd& state, const std::string& differences,
         double scale) { return jacobian_at(flow, state, differences_of(differences), scale); },
      py::arg("flow"), py::arg("state"), py::arg("differences") = "four_point",
      py::arg("scale") = 1.0,
      R"(d flow / d state, dimension x dimension, by central differences (Eq. 93, 94).

Column j is the derivative along entry j. `differences` is "two_point" or "four_point"; `scale` is
the size of a change of the state over which the flow bends.
)");
  py::class_<Stability> type(m, "Stability", R"(The eigenvalues of a Jacobian at a fixed point.

A perturbation along direction m grows as exp((growth + i frequency) tau).
)");
  type.def_property_readonly(
          "growth", [](Stability& s) -> Eigen::VectorXd& { return s.growth; }, by_reference,
          "Real parts of the eigenvalues, in 1/tau, falling.")
      .def_property_readonly(
          "frequency", [](Stability& s) -> Eigen::VectorXd& { return s.frequency; }, by_reference,
          "Imaginary parts; 0 where the Jacobian is symmetric.")
      .def_property_readonly(
          "direction", [](Stability& s) -> Eigen::MatrixXcd& { return s.direction; }, by_reference,
          "Eigenvectors of length 1, a column each: dimension x dimension, complex.")
      .def_readonly("symmetric", &Stability::symmetric,
                    "Whether the Jacobian was, to 1e-8 of its norm; it is then symmetrised.")
      .def("unstable", &Stability::unstable, py::arg("null_rate") = 1e-8,
           "How many directions grow at more than null_rate.");
  define_record(type, {"growth", "frequency", "direction", "symmetric"}, &Stability::growth,
                &Stability::frequency, &Stability::direction, &Stability::symmetric);
  m.def(
      "stability", [](const Eigen::MatrixXd& jacobian) { return stability(jacobian); },
      py::arg("jacobian"), py::call_guard<py::gil_scoped_release>(),
      "The Stability of a Jacobian.");
  m.def("largest_growth", &largest_growth, py::arg("jacobian"),
        py::call_guard<py::gil_scoped_release>(),
        "stability(jacobian).growth[0], without the directions.");
}

void define_translations(py::module_& m) {
  m.def(
      "translations", py::overload_cast<const Torus&, int, const Eigen::VectorXd&>(&translations),
      py::arg("torus"), py::arg("neurons"), py::arg("state"),
      R"(Derivatives of a state over sites along every axis of the lattice (Eq. 97), a column each.

The first K N entries of the state are the weights of K neurons; what follows does not move. For the
states of a Flow see Flow.translations.
)");
  py::class_<TranslationMode> type(
      m, "TranslationMode", "A direction of a fixed point's spectrum that is a translation.");
  type.def_readonly("index", &TranslationMode::index, "In Stability.growth.")
      .def_readonly("growth", &TranslationMode::growth, "0 but for the lattice's sites.")
      .def_readonly("overlap", &TranslationMode::overlap,
                    "Norm of its projection on the translations, at most 1.");
  define_record(type, {"index", "growth", "overlap"}, &TranslationMode::index,
                &TranslationMode::growth, &TranslationMode::overlap);
  m.def("translation_modes", &translation_modes, py::arg("stability"), py::arg("translations"),
        "A list of the directions that overlap most with the translations, at most one an axis.");
}

// A flow of a family, as the library copies and asks it: with the interpreter lock it is made and
// destroyed, without it it runs.
class FamilyFlow {
 public:
  FamilyFlow(const py::object& flow, Eigen::Index size, Interruption& interruption)
      : flow_(new RunningFlow(flow, size),
              [](const RunningFlow* held) {
                const py::gil_scoped_acquire acquire;
                delete held;
              }),
        interruption_(&interruption) {}

  Eigen::Index dimension() const { return flow_->dimension(); }
  void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double tau) {
    interruption_->check();
    (*flow_)(w, dwdt, tau);
  }

 private:
  std::shared_ptr<RunningFlow> flow_;
  Interruption* interruption_;
};

using BoundPoint = BranchPoint<Eigen::VectorXd>;
using BoundBranch = Branch<Eigen::VectorXd>;

BoundBranch branch(const py::function& family, const Eigen::VectorXd& state,
                   const ParameterRange& range, const py::object& observe,
                   const ContinuationOptions& options) {
  return interruptible([&](Interruption& interruption) {
    const auto flow_of = [&](double parameter) {
      const py::gil_scoped_acquire acquire;
      return FamilyFlow(family(parameter), state.size(), interruption);
    };
    const auto observer = [&](const BoundPoint& point) {
      if (observe.is_none()) return false;
      const py::gil_scoped_acquire acquire;
      return says_stop(observe(py::cast(point, py::return_value_policy::copy)));
    };
    return follow_branch(flow_of, state, range, observer, options);
  });
}

void define_branch(py::module_& m) {
  py::class_<BoundPoint> point(m, "BranchPoint", "A fixed point on a Branch.");
  point.def_readonly("parameter", &BoundPoint::parameter)
      .def_readonly("state", &BoundPoint::w, by_reference)
      .def_readonly("residual", &BoundPoint::residual, "|flow(state)|.")
      .def_readonly("growth", &BoundPoint::growth, by_reference, "As Stability has it.")
      .def_readonly("unstable", &BoundPoint::unstable, "How many directions grow.")
      .def_property_readonly(
          "kind", [](const BoundPoint& p) { return name(p.kind); },
          R"("regular", "fold", "pitchfork" or "end".

At a fold and at a pitchfork the parameter turns round. At a pitchfork another branch crosses, and
this one goes on to its own mirror image.
)");
  define_record(point, {"parameter", "state", "residual", "growth", "unstable", "kind"},
                &BoundPoint::parameter, &BoundPoint::w, &BoundPoint::residual, &BoundPoint::growth,
                &BoundPoint::unstable, &BoundPoint::kind);
  py::class_<BoundBranch> type(m, "Branch",
                               "Fixed points along a parameter, and why there are no more.");
  type.def_property_readonly(
          "reason", [](const BoundBranch& b) { return name(b.end); },
          R"("reached_end", "returned", "fold", "step_limit", "stalled", "no_start" or "stopped".)")
      .def_readonly("points", &BoundBranch::points,
                    "A list of BranchPoint; the first is the start.");
  define_record(type, {"end", "points"}, &BoundBranch::end, &BoundBranch::points);
  m.def(
      "follow_branch",
      [](const py::function& family, const Eigen::VectorXd& state, double start, double end,
         double tolerance, double null_rate, double scale, double first_step, double smallest_step,
         double largest_step, int step_limit, int fold_limit, const py::object& observe) {
        return branch(family, state, {start, end}, observe,
                      {.tolerance = tolerance,
                       .null_rate = null_rate,
                       .scale = scale,
                       .first_step = first_step,
                       .smallest_step = smallest_step,
                       .largest_step = largest_step,
                       .step_limit = step_limit,
                       .fold_limit = fold_limit});
      },
      py::arg("family"), py::arg("state"), py::arg("start"), py::arg("end"), py::kw_only(),
      py::arg("tolerance") = 1e-12, py::arg("null_rate") = 1e-8, py::arg("scale") = 1.0,
      py::arg("first_step") = 0.01, py::arg("smallest_step") = 1e-6, py::arg("largest_step") = 0.1,
      py::arg("step_limit") = 1000, py::arg("fold_limit") = 0, py::arg("observe") = py::none(),
      R"(The branch of fixed points near a state at the parameter `start`, towards `end` (Eq. 96).

family(parameter) is a flow as find_fixed_point takes it. Pseudo-arclength continuation, which
passes folds; steps are of arclength in state and parameter together. fold_limit = 0 stops at none.
observe(point) is called at every BranchPoint as it is found; if it returns True, the branch ends
there. Ctrl-C raises KeyboardInterrupt.
)");
}

}  // namespace

void define_dynamics(py::module_& m) {
  define_fixed_point(m);
  define_stability(m);
  define_translations(m);
  define_branch(m);
}

}  // namespace popflow::python
