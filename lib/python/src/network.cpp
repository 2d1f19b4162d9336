#include "popflow/network/network.hpp"

#include "popflow/dynamics/learning.hpp"
#include "popflow/network/checks.hpp"
#include "popflow/network/quartic_expansion.hpp"

#include "arguments.hpp"
#include "bindings.hpp"
#include "values.hpp"

namespace popflow::python {

namespace {

// One value for all neurons, or one each.
Eigen::VectorXd for_each_neuron(const char* what, const std::variant<double, Field>& values,
                                Eigen::Index hidden) {
  if (const double* value = std::get_if<double>(&values))
    return Eigen::VectorXd::Constant(hidden, *value);
  const Field& each = std::get<Field>(values);
  if (each.size() != hidden)
    throw std::invalid_argument(std::string(what) + ": must be one number, or one a neuron");
  return each;
}

Parameters parameters_from(const py::object& weights, const std::variant<double, Field>& bias,
                           const std::variant<double, Field>& second_layer) {
  const Weights first = weights_of(weights);
  Parameters parameters(first.rows(), first.cols());
  parameters.first() = first;
  parameters.bias() = for_each_neuron("bias", bias, first.rows());
  parameters.second() = for_each_neuron("second", second_layer, first.rows());
  return parameters;
}

Network network_from(const py::object& activation, const std::string& loss,
                     const std::optional<std::vector<int>>& kernel, const std::string& pooling) {
  constexpr std::array<Choice<Pooling>, 2> choices{
      {{"average", Pooling::average}, {"maximum", Pooling::maximum}}};
  Network network{activation_of(activation), loss_of(loss)};
  const Pooling pool = chosen("pooling", pooling, choices);
  if (kernel) network.convolution = Convolution{*kernel, pool};
  return network;
}

py::object kernel_argument(const Network& network) {
  if (!network.convolution) return py::none();
  return py::cast(network.convolution->kernel);
}

std::string pooling_argument(const Network& network) {
  const bool average = !network.convolution || network.convolution->pooling == Pooling::average;
  return average ? "average" : "maximum";
}

Neuron neuron_from(const py::object& activation, double bias, double second_layer) {
  Neuron neuron{activation_of(activation), bias, second_layer};
  check_neuron(neuron);
  return neuron;
}

void define_neuron(py::module_& m) {
  py::class_<Neuron> type(m, "Neuron", R"(One hidden neuron, phi(x) = v sigma(u . x + b).

Activation is "erf", "tanh", "logistic", "relu", "linear", "cubic", "erf-series", or the
coefficients of a polynomial; b is the bias and v the second-layer weight.
)");
  type.def(py::init(&neuron_from), py::arg("activation") = "erf", py::arg("bias") = 0.0,
           py::arg("second_layer") = 1.0)
      .def_property_readonly(
          "activation", [](const Neuron& n) { return activation_argument(n.activation); },
          "Its name, or the coefficients of a polynomial.")
      .def_readwrite("bias", &Neuron::bias)
      .def_readwrite("second_layer", &Neuron::second_layer);
  define_value(
      type, {"activation", "bias", "second_layer"},
      [](const Neuron& n) {
        return py::make_tuple(activation_argument(n.activation), n.bias, n.second_layer);
      },
      [](const py::tuple& parts) {
        return Neuron{activation_of(parts[0]), parts[1].cast<double>(), parts[2].cast<double>()};
      });
}

void define_networks(py::module_& m) {
  py::class_<Network> type(m, "Network", R"(A two-layer network and its loss (Eq. 52, 53).

Activation as of Neuron; loss is "squared", "correlation" or "logistic". With `kernel`, its extents,
the network is a circular convolution, pooled by "average" or "maximum".
)");
  type.def(py::init(&network_from), py::arg("activation") = "erf", py::arg("loss") = "squared",
           py::arg("kernel") = py::none(), py::arg("pooling") = "average")
      .def_property_readonly(
          "activation", [](const Network& n) { return activation_argument(n.activation); },
          "Its name, or the coefficients of a polynomial.")
      .def_property_readonly("loss", [](const Network& n) { return name_of(n.loss); })
      .def_property_readonly("kernel", &kernel_argument,
                             "Extents of the kernel; None of a fully connected network.")
      .def_property_readonly("pooling", &pooling_argument);
  define_value(
      type, {"activation", "loss", "kernel", "pooling"},
      [](const Network& n) {
        return py::make_tuple(activation_argument(n.activation), name_of(n.loss),
                              kernel_argument(n), pooling_argument(n));
      },
      [](const py::tuple& parts) {
        return network_from(parts[0], parts[1].cast<std::string>(),
                            parts[2].cast<std::optional<std::vector<int>>>(),
                            parts[3].cast<std::string>());
      });
}

void define_learning(py::module_& m) {
  py::class_<Learning> type(m, "Learning", R"(What of a network learns, and how fast.

Rates in units of the first layer's; l1 sum |u| + l2 / 2 sum u^2 is added to the loss.
)");
  type.def(py::init([](double bias_rate, double second_layer_rate, double l1, double l2) {
             const Learning learning{bias_rate, second_layer_rate, l1, l2};
             check_learning(learning);
             return learning;
           }),
           py::arg("bias_rate") = 0.0, py::arg("second_layer_rate") = 0.0, py::arg("l1") = 0.0,
           py::arg("l2") = 0.0)
      .def_readonly("bias_rate", &Learning::bias_rate)
      .def_readonly("second_layer_rate", &Learning::second_layer_rate)
      .def_readonly("l1", &Learning::l1)
      .def_readonly("l2", &Learning::l2);
  define_record(type, {"bias_rate", "second_layer_rate", "l1", "l2"}, &Learning::bias_rate,
                &Learning::second_layer_rate, &Learning::l1, &Learning::l2);
}

void define_parameters(py::module_& m) {
  py::class_<Parameters> type(m, "Parameters",
                              R"(What flows and training move, of K neurons or channels.

All arrays are views of `values`, which holds them one after another.
)");
  type.def(py::init(&parameters_from), py::arg("first"), py::arg("bias") = 0.0,
           py::arg("second") = 1.0,
           "First-layer weights u, K x M (or M), biases and second layer: one number, or one a "
           "neuron.")
      .def_property_readonly("hidden", &Parameters::hidden, "K.")
      .def_property_readonly("sites", &Parameters::sites, "M: N, or the kernel's sites.")
      .def_property_readonly(
          "first", [](Parameters& p) { return p.first(); }, by_reference,
          "First-layer weights u, K x M.")
      .def_property_readonly(
          "bias", [](Parameters& p) { return Eigen::Map<Field>(p.bias().data(), p.hidden()); },
          by_reference, "Biases b, K.")
      .def_property_readonly(
          "second", [](Parameters& p) { return Eigen::Map<Field>(p.second().data(), p.hidden()); },
          by_reference, "Second-layer weights v, K.")
      .def_property_readonly(
          "values", [](Parameters& p) -> Eigen::VectorXd& { return p.values; }, by_reference,
          "u, b and v, one after another, K (M + 2).");
  define_value(
      type, {"first", "bias", "second"},
      [](const Parameters& p) {
        return py::make_tuple(Weights(p.first()), Field(p.bias()), Field(p.second()));
      },
      [](const py::tuple& parts) {
        return parameters_from(parts[0], parts[1].cast<Field>(), parts[2].cast<Field>());
      });
}

}  // namespace

void define_network(py::module_& m) {
  define_neuron(m);
  define_networks(m);
  define_learning(m);
  define_parameters(m);
  m.def(
      "quartic_expansion",
      [](const Neuron& neuron, const std::string& loss, double label) {
        const QuarticExpansion expansion = quartic_expansion(neuron, loss_of(loss), label);
        return std::pair(expansion.A2, expansion.A4);
      },
      py::arg("neuron"), py::arg("loss"), py::arg("label"),
      "(A2, A4) of the loss expanded in the pre-activation (Eq. 19).");
  m.def(
      "output",
      [](const Torus& torus, const Network& network, const Parameters& parameters,
         const Eigen::Ref<const Field>& x) {
        check_parameters(torus, network, parameters);
        if (x.size() != torus.sites())
          throw std::invalid_argument("input: must have one entry a site");
        return output(torus, network, parameters, x);
      },
      py::arg("torus"), py::arg("network"), py::arg("parameters"), py::arg("x"),
      "The output phi for one input x, N entries (Eq. 52, 53).");
}

}  // namespace popflow::python
