#pragma once

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "popflow/input/random_stream.hpp"
#include "popflow/input/task.hpp"
#include "popflow/moments/cumulant_operator.hpp"
#include "popflow/network/network.hpp"
#include "popflow/network/neuron.hpp"

#include "bindings.hpp"

namespace popflow::python {

/// Arguments as Python gives them. All throw std::invalid_argument with what is allowed.

/// Any of the module's inputs, or an object that is one (PythonInput).
Input input_of(const py::object& object);

/// A sequence of TaskClass, or of tuples (label, probability, input).
Task task_of(const py::iterable& classes);

/// Any of the module's cumulant operators.
CumulantOperator operator_of(const py::object& object);
std::vector<CumulantOperator> operators_of(const py::iterable& objects);

/// "erf", "tanh", "logistic", "relu", "linear", "cubic", "erf-series", or the coefficients of a
/// polynomial.
Activation activation_of(const py::object& object);

Loss loss_of(const std::string& name);
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
