#include <optional>
#include <stdexcept>

#include "popflow/dynamics/gradient_flow.hpp"
#include "popflow/dynamics/orbit_flow.hpp"
#include "popflow/dynamics/stability.hpp"
#include "popflow/flow/amplifier.hpp"
#include "popflow/flow/closed_form_gradient.hpp"
#include "popflow/flow/conditional_gradient.hpp"
#include "popflow/flow/edgeworth_gradient.hpp"
#include "popflow/flow/gaussian_gradient.hpp"
#include "popflow/flow/kurtosis_gradient.hpp"
#include "popflow/flow/latent_gradient.hpp"
#include "popflow/flow/quartic_flow.hpp"
#include "popflow/tensor/exact_cumulant.hpp"

#include "arguments.hpp"
#include "bindings.hpp"
#include "flows.hpp"
#include "interruption.hpp"
#include "operators.hpp"
#include "values.hpp"

namespace popflow::python {

namespace {

// Separate types, because Python distinguishes flows by their types.
struct BoundQuarticFlow : BoundFlow {};
struct BoundGradientFlow : BoundFlow {};
struct BoundOrbitFlow : BoundFlow {};

// A gradient in Python, with the arguments from which the function `maker` of the module made it.
struct BoundGradient {
  ClosedFormGradient gradient;
  Made made;
};

template <class... Arguments>
BoundGradient bound_gradient(ClosedFormGradient gradient, const char* maker,
                             const Arguments&... arguments) {
  return {std::move(gradient), made_by(maker, arguments...)};
}

// The given operators; None if there were none.
py::object kept(const py::object& cumulants) {
  return cumulants.is_none() ? cumulants : py::tuple(cumulants);
}

template <class Bound, class... Arguments>
std::shared_ptr<Bound> bound(AnyFlow flow, const Arguments&... arguments) {
  return std::make_shared<Bound>(
      Bound{{std::move(flow), {py::type::of<Bound>(), py::make_tuple(arguments...)}}});
}

// With every class's exact cumulant where none are given.
std::vector<CumulantOperator> cumulants_of(const Task& task, const py::object& given,
                                           double truncation) {
  if (!given.is_none()) return operators_of(given);
  return waited_for([&](const auto& interrupted) {
    std::vector<CumulantOperator> operators;
    for (const TaskClass& c : task)
      operators.push_back(exact_cumulant(c.input, truncation, interrupted));
    return operators;
  });
}

std::shared_ptr<BoundQuarticFlow> quartic_flow(const py::iterable& given, const Neuron& neuron,
                                               const std::string& loss, const py::object& operators,
                                               double truncation) {
  const py::tuple classes = bound_task(given);
  const py::object cumulants = kept(operators);
  const Task task = task_of(classes);
  return bound<BoundQuarticFlow>(
      QuarticFlow(task, neuron, loss_of(loss), cumulants_of(task, cumulants, truncation)), classes,
      neuron, loss, cumulants, truncation);
}

Eigen::VectorXd rate_at(const BoundFlow& bound, const Eigen::VectorXd& state, double tau) {
  return released([&] { return bound.flow(state_of(bound, state), tau).values(); });
}

double potential_at(const BoundFlow& bound, const Eigen::VectorXd& state) {
  const auto potential = released([&] { return bound.flow.potential(state_of(bound, state)); });
  if (!potential) throw py::type_error("this flow has no potential");
  return *potential;
}

double neglected_terms_at(const BoundFlow& bound, const Eigen::VectorXd& state) {
  const auto terms = released([&] { return bound.flow.neglected_terms(state_of(bound, state)); });
  if (!terms) throw py::type_error("this flow is not an expansion: it neglects no terms");
  return *terms;
}

Eigen::VectorXd state_from(const BoundFlow& bound, const py::object& weights) {
  if (py::isinstance<Parameters>(weights))
    return bound.flow.state(weights.cast<const Parameters&>()).values();
  return bound.flow.state(weights_of(weights)).values();
}

void define_any_flow(py::module_& m) {
  py::class_<BoundFlow, std::shared_ptr<BoundFlow>>(
      m, "Flow", R"(A population-gradient flow dw/dtau = flow(w, tau) of the parameters that learn.

A state w is an array of `dimension` numbers: the weights of every neuron in the real orthonormal
Fourier basis (Eq. 121), N numbers a neuron; then the biases, if they learn; then the second layer,
if it learns. Its Euclidean norm is that of these parameters.

    state = flow.state(weights)
    weights = flow.parameters(state).first
)")
      .def("__call__", &rate_at, py::arg("state"), py::arg("tau") = 0.0,
           "dw/dtau, `dimension` entries.")
      .def_property_readonly("dimension",
                             [](const BoundFlow& bound) { return bound.flow.dimension(); })
      .def_property_readonly("torus", [](const BoundFlow& bound) { return bound.flow.torus(); })
      .def("potential", &potential_at, py::arg("state"),
           "The loss that the flow descends, up to a constant; QuarticFlow only.")
      .def("neglected_terms", &neglected_terms_at, py::arg("state"),
           R"(How large the terms are that an expansion neglects, relative to those that it keeps.

A QuarticFlow (Eq. 115) and a GradientFlow along edgeworth_gradient (Eq. 116) have this number. It
is 0 where the expansion is exact; above 0.1 the flow is not that of the network. Other flows raise
TypeError.
)")
      .def("state", &state_from, py::arg("parameters"),
           R"(The state of Parameters, or of first-layer weights alone, K x N or N.

Raises ValueError for another shape, and for biases or a second layer that do not learn and are not
those of the flow.
)")
      .def(
          "parameters",
          [](const BoundFlow& bound, const Eigen::VectorXd& state) {
            return bound.flow.parameters(state_of(bound, state));
          },
          py::arg("state"), "The Parameters of a state.")
      .def(
          "translations",
          [](const BoundFlow& bound, const Eigen::VectorXd& state) {
            return translations(state_of(bound, state));
          },
          py::arg("state"),
          "Derivatives of a state along every axis of the lattice (Eq. 97), a column each.")
      .def("__reduce__",
           [](const BoundFlow& self) { return py::make_tuple(self.made.by, self.made.from); })
      .def("__repr__", [](const py::object& self) {
        return repr_of(self, {"dimension"}, py::make_tuple(self.attr("dimension")));
      });
}

double amplifier_of(const py::object& input, double a) {
  const std::optional<PointwiseField> field = input_of(input).pointwise();
  if (!field)
    throw std::invalid_argument(
        "input: must be a GaussianField, a NonlinearGaussianField or a uniform CopulaField");
  return released([&] { return amplifier(*field, a); });
}

void define_quartic(py::module_& m) {
  py::class_<BoundQuarticFlow, BoundFlow, std::shared_ptr<BoundQuarticFlow>>(
      m, "QuarticFlow",
      "The flow of one neuron, its loss expanded to fourth order in the weights (Eq. 18-20).")
      .def(py::init(&quartic_flow), py::arg("task"), py::arg("neuron"), py::arg("loss") = "squared",
           py::arg("cumulants") = py::none(), py::arg("truncation") = 1e-9,
           "With one cumulant operator a class, or every class's exact_cumulant.");
  m.def(
      "growth_rate",
      [](const py::iterable& task, const Neuron& neuron, const std::string& loss) {
        return growth_rate(task_of(task), neuron, loss_of(loss));
      },
      py::arg("task"), py::arg("neuron"), py::arg("loss") = "squared",
      "Growth rate mu(q) of every Fourier mode at u = 0 (Eq. 21), half_modes entries.");
  m.def(
      "amplifier", &amplifier_of, py::arg("input"), py::arg("a"),
      "E[X erf(X / sqrt 2  a / sqrt(1 - a^2))] of one site's input X, scaled to unit variance\n"
      "(Eq. 79); a from -1 to 1. Of a GaussianField, NonlinearGaussianField, uniform CopulaField.");
  m.def(
      "exact_cumulant",
      [](const py::object& input, double truncation) {
        const BoundInput model = bound_input(input);
        return BoundOperator{waited_for([&](const auto& interrupted) {
                               return exact_cumulant(model.input, truncation, interrupted);
                             }),
                             made_by("exact_cumulant", model, truncation)};
      },
      py::arg("input"), py::arg("truncation") = 0.0,
      "Fourth cumulant as an operator, band-limited to a relative error; at most 512 sites.");
}

Parameters gradient_at(const BoundGradient& self, const Parameters& at) {
  return released([&] {
    Parameters out = at;
    self.gradient(at, out);
    return out;
  });
}

void define_gradients(py::module_& m) {
  py::class_<BoundGradient> type(m, "PopulationGradient",
                                 "The gradient of the population loss, exact or by a closure.");
  type.def("__call__", &gradient_at, py::arg("at"), "d loss / d parameters at these Parameters.");
  define_made(type, {"by", "task", "network"});
  m.def(
      "gaussian_gradient",
      [](const py::iterable& given, const Network& network, int hidden) {
        const py::tuple classes = bound_task(given);
        return bound_gradient(GaussianGradient(task_of(classes), network, hidden),
                              "gaussian_gradient", classes, network, hidden);
      },
      py::arg("task"), py::arg("network"), py::arg("hidden") = 1,
      "For Gaussian inputs of the same covariance, K = hidden neurons (Eq. 63-65).");
  m.def(
      "edgeworth_gradient",
      [](const py::iterable& given, const Network& network, int hidden, const py::object& operators,
         double truncation) {
        const py::tuple classes = bound_task(given);
        const py::object cumulants = kept(operators);
        const Task task = task_of(classes);
        return bound_gradient(
            EdgeworthGradient(task, network, hidden, cumulants_of(task, cumulants, truncation)),
            "edgeworth_gradient", classes, network, hidden, cumulants, truncation);
      },
      py::arg("task"), py::arg("network"), py::arg("hidden") = 1, py::arg("cumulants") = py::none(),
      py::arg("truncation") = 1e-9,
      "To first order in the fourth cumulant, K = hidden neurons (Eq. 66-70).");
  m.def(
      "kurtosis_gradient",
      [](const py::iterable& given, const Network& network, const py::object& operators,
         double truncation) {
        const py::tuple classes = bound_task(given);
        const py::object cumulants = kept(operators);
        const Task task = task_of(classes);
        return bound_gradient(
            KurtosisGradient(task, network, cumulants_of(task, cumulants, truncation)),
            "kurtosis_gradient", classes, network, cumulants, truncation);
      },
      py::arg("task"), py::arg("network"), py::arg("cumulants") = py::none(),
      py::arg("truncation") = 1e-9,
      "With the pre-activation's variance and kurtosis, one neuron (Eq. 81-84).");
}

void define_conditioned_gradients(py::module_& m) {
  m.def(
      "conditional_gradient",
      [](const py::iterable& given, const Network& network) {
        const py::tuple classes = bound_task(given);
        return bound_gradient(ConditionalGradient(task_of(classes), network),
                              "conditional_gradient", classes, network);
      },
      py::arg("task"), py::arg("network"),
      "The pre-activation Gaussian given one input, one neuron (Eq. 77, 78).");
  m.def(
      "latent_gradient",
      [](const py::iterable& given, const Network& network, int hidden, int latents,
         double tolerance, int most_terms) {
        const py::tuple classes = bound_task(given);
        return bound_gradient(
            LatentGradient(task_of(classes), network, hidden, {latents, tolerance, most_terms}),
            "latent_gradient", classes, network, hidden, latents, tolerance, most_terms);
      },
      py::arg("task"), py::arg("network"), py::arg("hidden") = 1, py::arg("latents") = 3,
      py::arg("tolerance") = 1e-3, py::arg("most_terms") = 24,
      R"(The pre-activation Gaussian given directions of the latent field (Eq. 91).

`latents`, from 1 to 4, is the number of directions of every neuron; the field's modes, where it has
fewer. 3 is best in most experiments of the ledger (validation/README.md); at gains up to 1, on tori
and for several ReLU neurons, 1 is as good or better, and costs a tenth. Raises ValueError for
inputs that are not made from a Gaussian field site by site.
)");
}

void define_parameter_flows(py::module_& m) {
  py::class_<BoundGradientFlow, BoundFlow, std::shared_ptr<BoundGradientFlow>>(
      m, "GradientFlow", "Down a population gradient (Eq. 54), of any network.")
      .def(py::init([](const BoundGradient& gradient, const Parameters& shape,
                       const Learning& learning) {
             return bound<BoundGradientFlow>(GradientFlow(gradient.gradient, shape, learning),
                                             gradient, shape, learning);
           }),
           py::arg("gradient"), py::arg("shape"), py::arg("learning") = Learning{},
           "`shape` are Parameters: they give the numbers of neurons and sites, and the values of\n"
           "biases and second layer where these do not learn.");
  py::class_<BoundOrbitFlow, BoundFlow, std::shared_ptr<BoundOrbitFlow>>(
      m, "OrbitFlow", R"(Down the gradient over samples and all their shifts (Eq. 55).

The reference for every closed form. Has noise: use integrate_fixed. Evaluations are numbered as they
begin, and their number chooses the samples: threads that share the flow get other samples each time.
)")
      .def(py::init([](const py::iterable& given, const Network& network, const Parameters& shape,
                       const Learning& learning, int samples, std::uint64_t seed,
                       std::uint32_t run) {
             const py::tuple classes = bound_task(given);
             return bound<BoundOrbitFlow>(
                 OrbitFlow(task_of(classes), network, shape, learning, {samples, seed, run}),
                 classes, network, shape, learning, samples, seed, run);
           }),
           py::arg("task"), py::arg("network"), py::arg("shape"), py::arg("learning") = Learning{},
           py::arg("samples") = 1000, py::arg("seed") = 1, py::arg("run") = 0,
           "`shape` is as that of GradientFlow.");
}

}  // namespace

void define_flow(py::module_& m) {
  define_any_flow(m);
  define_quartic(m);
  define_gradients(m);
  define_conditioned_gradients(m);
  define_parameter_flows(m);
}

}  // namespace popflow::python
