#include <optional>
#include <stdexcept>

#include "popflow/dynamics/gradient_flow.hpp"
#include "popflow/dynamics/jacobian.hpp"
#include "popflow/dynamics/orbit_flow.hpp"
#include "popflow/flow/amplifier.hpp"
#include "popflow/flow/closed_form_gradient.hpp"
#include "popflow/flow/conditional_gradient.hpp"
#include "popflow/flow/edgeworth_gradient.hpp"
#include "popflow/flow/gaussian_gradient.hpp"
#include "popflow/flow/kurtosis_gradient.hpp"
#include "popflow/flow/latent_gradient.hpp"
#include "popflow/flow/quartic_flow.hpp"
#include "popflow/flow/site_flow.hpp"
#include "popflow/flow/state.hpp"

#include "arguments.hpp"
#include "bindings.hpp"
#include "flows.hpp"
#include "interruption.hpp"
#include "operators.hpp"
#include "values.hpp"

namespace popflow::python {

namespace {

// Types of their own, for Python tells flows apart by them.
struct BoundQuarticFlow : AnyFlow {};
struct BoundGradientFlow : AnyFlow {};
struct BoundOrbitFlow : AnyFlow {};
struct BoundSiteFlow : AnyFlow {};

// A gradient as Python has it: with what it was made from, by the function `maker` of the module.
struct BoundGradient {
  ClosedFormGradient gradient;
  Made made;
};

template <class... Arguments>
BoundGradient bound_gradient(ClosedFormGradient gradient, const char* maker,
                             const Arguments&... arguments) {
  return {std::move(gradient), made_by(maker, arguments...)};
}

// The operators that were given, as they are; None where there were none.
py::object kept(const py::object& cumulants) {
  return cumulants.is_none() ? cumulants : py::tuple(cumulants);
}

template <class Bound, class F>
std::shared_ptr<Bound> bound(std::shared_ptr<F> flow) {
  auto result = std::make_shared<Bound>();
  result->dimension = flow->dimension();
  result->rate = [flow](const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double tau) {
    (*flow)(w, dwdt, tau);
  };
  return result;
}

// Of flows whose state is Parameters::values.
template <class Bound, class F>
std::shared_ptr<Bound> over_parameters(std::shared_ptr<F> flow, const Parameters& shape) {
  auto result = bound<Bound>(std::move(flow));
  result->state = [](const Parameters& parameters) { return parameters.values; };
  result->parameters = [shape](const Eigen::VectorXd& values) {
    Parameters parameters = shape;
    parameters.values = values;
    return parameters;
  };
  return result;
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
  const auto flow = std::make_shared<QuarticFlow>(task, neuron, loss_of(loss),
                                                  cumulants_of(task, cumulants, truncation));
  auto result = bound<BoundQuarticFlow>(flow);
  const auto fourier = std::make_shared<FourierTransform>(lattice_of(task));
  result->potential = [flow](const Eigen::VectorXd& w) { return flow->potential(w); };
  result->neglected_terms = [flow](const Eigen::VectorXd& w) { return flow->neglected_terms(w); };
  result->state = [fourier](const Parameters& p) { return state_of(*fourier, p.first()); };
  result->parameters = [fourier, neuron](const Eigen::VectorXd& w) {
    return parameters_of(neuron, weights_of(*fourier, w));
  };
  result->fourier_torus = lattice_of(task);
  result->made = {py::type::of<BoundQuarticFlow>(),
                  py::make_tuple(classes, neuron, loss, cumulants, truncation)};
  return result;
}

// A flow that others share, as one that can be copied.
struct SharedFlow {
  std::shared_ptr<AnyFlow> flow;

  Eigen::Index dimension() const { return flow->dimension; }
  void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double tau) {
    const std::lock_guard guard(flow->busy);
    flow->rate(w, dwdt, tau);
  }
};

std::shared_ptr<BoundSiteFlow> site_flow(const std::shared_ptr<AnyFlow>& flow) {
  if (!flow->fourier_torus)
    throw py::type_error("flow: must be one in Fourier space, as a QuarticFlow is");
  const Torus torus = *flow->fourier_torus;
  const auto over_sites = std::make_shared<SiteFlow<SharedFlow>>(SharedFlow{flow}, torus);
  auto result = bound<BoundSiteFlow>(over_sites);
  const auto fourier = std::make_shared<FourierTransform>(torus);
  const auto spectra = [fourier, rows = over_sites->neurons()](const Eigen::VectorXd& u) {
    return state_of(*fourier, u.reshaped<Eigen::RowMajor>(rows, u.size() / rows));
  };
  if (flow->potential)
    result->potential = [flow, spectra](const Eigen::VectorXd& u) {
      const std::lock_guard guard(flow->busy);
      return flow->potential(spectra(u));
    };
  if (flow->neglected_terms)
    result->neglected_terms = [flow, spectra](const Eigen::VectorXd& u) {
      const std::lock_guard guard(flow->busy);
      return flow->neglected_terms(spectra(u));
    };
  const Parameters shape = flow->parameters(Eigen::VectorXd::Zero(flow->dimension));
  result->state = [size = over_sites->dimension()](const Parameters& p) {
    popflow::detail::check_state_size(size, p.first().size());
    return Eigen::VectorXd(p.values.head(size));
  };
  result->parameters = [shape](const Eigen::VectorXd& u) {
    Parameters parameters = shape;
    parameters.values.head(u.size()) = u;
    return parameters;
  };
  result->made = {py::type::of<BoundSiteFlow>(), py::make_tuple(flow)};
  return result;
}

Eigen::VectorXd rate_at(AnyFlow& flow, const Eigen::VectorXd& state, double tau) {
  popflow::detail::check_state_size(flow.dimension, state.size());
  return released([&] {
    const std::lock_guard guard(flow.busy);
    Eigen::VectorXd rate(state.size());
    flow.rate(state, rate, tau);
    return rate;
  });
}

double potential_at(AnyFlow& flow, const Eigen::VectorXd& state) {
  popflow::detail::check_state_size(flow.dimension, state.size());
  if (!flow.potential) throw py::type_error("this flow has no potential");
  return released([&] {
    const std::lock_guard guard(flow.busy);
    return flow.potential(state);
  });
}

double neglected_terms_at(AnyFlow& flow, const Eigen::VectorXd& state) {
  popflow::detail::check_state_size(flow.dimension, state.size());
  const std::optional<double> terms = released([&]() -> std::optional<double> {
    const std::lock_guard guard(flow.busy);
    if (!flow.neglected_terms) return {};
    return flow.neglected_terms(state);
  });
  if (!terms) throw py::type_error("this flow is not an expansion: it neglects no terms");
  return *terms;
}

Eigen::VectorXd state_from(AnyFlow& flow, const py::object& weights) {
  if (py::isinstance<Parameters>(weights)) return flow.state(weights.cast<const Parameters&>());
  const Weights first = weights_of(weights);
  Parameters parameters(first.rows(), first.cols());
  parameters.first() = first;
  return flow.state(parameters);
}

Parameters parameters_of_state(AnyFlow& flow, const Eigen::VectorXd& state) {
  popflow::detail::check_state_size(flow.dimension, state.size());
  return flow.parameters(state);
}

void define_any_flow(py::module_& m) {
  py::class_<AnyFlow, std::shared_ptr<AnyFlow>>(
      m, "Flow", "A population-gradient flow dw/dtau = flow(w, tau) of a flat state w.")
      .def("__call__", &rate_at, py::arg("state"), py::arg("tau") = 0.0,
           "dw/dtau, `dimension` entries.")
      .def_property_readonly("dimension", [](const AnyFlow& flow) { return flow.dimension; })
      .def("potential", &potential_at, py::arg("state"),
           "The loss that the flow descends, up to a constant; QuarticFlow and SiteFlow only.")
      .def("neglected_terms", &neglected_terms_at, py::arg("state"),
           R"(How large the terms are that an expansion neglects, relative to those that it keeps.

A QuarticFlow (Eq. 115), a SiteFlow of one, and a GradientFlow along edgeworth_gradient (Eq. 116)
have this number. It is 0 where the expansion is exact; above 0.1 the flow is not that of the
network. Other flows raise TypeError.
)")
      .def("state", &state_from, py::arg("parameters"),
           "The state of Parameters, or of first-layer weights alone, K x N or N.")
      .def("parameters", &parameters_of_state, py::arg("state"), "The Parameters of a state.")
      .def("__reduce__",
           [](const AnyFlow& self) { return py::make_tuple(self.made.by, self.made.from); })
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
  py::class_<BoundQuarticFlow, AnyFlow, std::shared_ptr<BoundQuarticFlow>>(
      m, "QuarticFlow",
      R"(The flow of one neuron, its loss expanded to fourth order in the weights (Eq. 18-20).

The state is the half-spectrum of u as (real, imaginary), 2 half_modes numbers.
)")
      .def(py::init(&quartic_flow), py::arg("task"), py::arg("neuron"), py::arg("loss") = "squared",
           py::arg("cumulants") = py::none(), py::arg("truncation") = 1e-9,
           "With one cumulant operator a class, or every class's exact_cumulant.");
  py::class_<BoundSiteFlow, AnyFlow, std::shared_ptr<BoundSiteFlow>>(
      m, "SiteFlow", R"(A QuarticFlow over sites: its state is the weights u, N numbers.

For fixed points: in Fourier space a state has more numbers than there are sites.
)")
      .def(py::init(&site_flow), py::arg("flow").none(false));
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

// A gradient is copied into the flows that take it, hence needs no lock but the interpreter's.
Parameters gradient_at(BoundGradient& self, const Parameters& at) {
  Parameters out = at;
  self.gradient(at, out);
  return out;
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
  py::class_<BoundGradientFlow, AnyFlow, std::shared_ptr<BoundGradientFlow>>(
      m, "GradientFlow",
      "Down a population gradient (Eq. 54); the state is Parameters.values, K (N + 2) numbers.")
      .def(py::init([](const BoundGradient& bound, const Parameters& shape,
                       const Learning& learning) {
             const auto flow = std::make_shared<GradientFlow<ClosedFormGradient>>(bound.gradient,
                                                                                  shape, learning);
             auto result = over_parameters<BoundGradientFlow>(flow, shape);
             result->neglected_terms = [flow, at = shape](const Eigen::VectorXd& state) mutable {
               at.values = state;
               return flow->gradient().neglected_terms(at);
             };
             result->made = {py::type::of<BoundGradientFlow>(),
                             py::make_tuple(bound, shape, learning)};
             return result;
           }),
           py::arg("gradient"), py::arg("shape"), py::arg("learning") = Learning{},
           "`shape` are Parameters that give the numbers of neurons and sites.");
  py::class_<BoundOrbitFlow, AnyFlow, std::shared_ptr<BoundOrbitFlow>>(
      m, "OrbitFlow", R"(Down the gradient over samples and all their shifts (Eq. 55).

The reference for every closed form. Has noise: use integrate_fixed. The state is Parameters.values.
)")
      .def(py::init([](const py::iterable& given, const Network& network, const Parameters& shape,
                       const Learning& learning, int samples, std::uint64_t seed,
                       std::uint32_t run) {
             const py::tuple classes = bound_task(given);
             auto flow = over_parameters<BoundOrbitFlow>(
                 std::make_shared<OrbitFlow>(task_of(classes), network, shape, learning,
                                             OrbitGradient::Options{samples, seed, run}),
                 shape);
             flow->made = {py::type::of<BoundOrbitFlow>(),
                           py::make_tuple(classes, network, shape, learning, samples, seed, run)};
             return flow;
           }),
           py::arg("task"), py::arg("network"), py::arg("shape"), py::arg("learning") = Learning{},
           py::arg("samples") = 1000, py::arg("seed") = 1, py::arg("run") = 0);
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
