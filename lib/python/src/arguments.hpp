#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pybind11/numpy.h>

#include "popflow/input/random_stream.hpp"
#include "popflow/input/task.hpp"
#include "popflow/moments/cumulant_operator.hpp"
#include "popflow/network/network.hpp"
#include "popflow/network/neuron.hpp"

#include "bindings.hpp"
#include "values.hpp"

namespace popflow::python {

/// Arguments as Python gives them. All throw std::invalid_argument with what is allowed.

/// An argument as messages name it: "None", "a str", "an array of 2 x 100".
std::string description_of(const py::handle& value);

/// The array of real numbers that an object is; nothing where it is none.
using Numbers = py::array_t<double, py::array::c_style | py::array::forcecast>;
std::optional<Numbers> numbers_of(const py::handle& value);

/// A number, or `size` numbers, that `what` gave: "four_point() of an input", "flow".
double number_given_by(const std::string& what, const py::handle& value);
Eigen::VectorXd numbers_given_by(const std::string& what, const py::handle& value,
                                 Eigen::Index size);

/// An input in Python, with the arguments from which it was made. It is no Input itself, because an
/// Input may be destroyed without the interpreter lock.
struct BoundInput {
  Input input;
  Made made;

  const Torus& torus() const { return input.torus(); }
  Field covariance() const { return input.covariance(); }
  Field spectrum() const { return input.spectrum(); }
  double four_point(int a, int b, int c) const { return input.four_point(a, b, c); }
  void sample(RandomStream& stream, Eigen::Ref<Field> out) { input.sample(stream, out); }
};

/// A class of a task in Python.
struct BoundTaskClass {
  double label;
  double probability;
  BoundInput input;
};

/// Any of the module's inputs, or an object that is one (PythonInput).
Input input_of(const py::object& object);
BoundInput bound_input(const py::object& object);

/// A sequence of TaskClass, or of tuples (label, probability, input).
Task task_of(const py::iterable& classes);

/// The task as a tuple of BoundTaskClass, which does not change.
py::tuple bound_task(const py::iterable& classes);

/// Any of the module's cumulant operators.
CumulantOperator operator_of(const py::object& object);
std::vector<CumulantOperator> operators_of(const py::iterable& objects);

/// "erf", "tanh", "logistic", "relu", "linear", "cubic", "erf-series", or the coefficients of a
/// polynomial.
Activation activation_of(const py::object& object);

/// The argument from which activation_of makes this activation.
py::object activation_argument(const Activation& activation);

Loss loss_of(const std::string& name);
std::string name_of(Loss loss);
Purpose purpose_of(const std::string& name);

/// Weights of K neurons: K x N, or N entries for a single one.
Weights weights_of(const py::object& array);

/// P fields of N sites, P x N as Python has them, as columns: N x P.
Eigen::MatrixXd fields_of(const py::object& array, const char* what = "fields");

/// Throws std::out_of_range (IndexError) unless all are sites of the lattice.
void check_sites(const Torus& torus, std::initializer_list<int> sites);

/// The value that goes with a name.
template <class Value>
using Choice = std::pair<std::string_view, Value>;

[[noreturn]] void refuse_choice(const char* what, std::string_view name,
                                const std::vector<std::string_view>& allowed);

template <class Value, std::size_t n>
Value chosen(const char* what, std::string_view name, const std::array<Choice<Value>, n>& choices) {
  std::vector<std::string_view> allowed;
  for (const auto& [key, value] : choices) {
    if (key == name) return value;
    allowed.push_back(key);
  }
  refuse_choice(what, name, allowed);
}

}  // namespace popflow::python
