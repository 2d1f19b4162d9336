#include "running_flow.hpp"

#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "arguments.hpp"

namespace popflow::python {

namespace {

// Whether it asks for two arguments; what has no signature, such as a ufunc, takes one.
bool takes_two(const py::function& function) {
  const auto inspect = py::module_::import("inspect");
  py::object signature;
  try {
    signature = inspect.attr("signature")(function);
  } catch (const py::error_already_set& error) {
    if (!error.matches(PyExc_ValueError) && !error.matches(PyExc_TypeError)) throw;  // Ctrl-C
    return false;
  }
  int asked = 0;
  for (const py::handle parameter : signature.attr("parameters").attr("values")())
    if (parameter.attr("default").is(inspect.attr("Parameter").attr("empty")) &&
        parameter.attr("kind").cast<int>() <= 1)  // positional
      ++asked;
  return asked > 1;
}

}  // namespace

bool says_stop(const py::object& returned) {
  if (returned.is(py::bool_(true))) return true;
  return py::isinstance(returned, py::module_::import("numpy").attr("bool_")) &&
         returned.cast<bool>();
}

PythonFlow::PythonFlow(py::function function, Eigen::Index size)
    : function_(std::move(function)), dimension_(size), timed_(takes_two(function_)) {}

void PythonFlow::operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double tau) {
  const py::gil_scoped_acquire acquire;
  const py::object state = py::cast(w, py::return_value_policy::copy);
  dwdt = numbers_given_by("what the flow returned",
                          timed_ ? function_(state, tau) : function_(state), dimension_);
}

RunningFlow::RunningFlow(const py::object& flow, Eigen::Index size) {
  if (py::isinstance<BoundFlow>(flow))
    own_ = flow.cast<std::shared_ptr<BoundFlow>>();
  else if (py::isinstance<py::function>(flow) || PyCallable_Check(flow.ptr()) != 0)
    python_.emplace(py::reinterpret_borrow<py::function>(flow), size);
  else
    throw py::type_error(
        fmt::format("flow: is {}: must be a Flow, or a function of a state", description_of(flow)));
}

std::optional<Parameters> RunningFlow::shape() const {
  if (!own_) return {};
  return own_->flow.space().fixed();
}

std::vector<Parameters> RunningFlow::parameters(const States& states) const {
  std::vector<Parameters> result;
  if (own_)
    for (const auto& state : states.rowwise())
      result.push_back(own_->flow.parameters(state_of(*own_, state.transpose())));
  return result;
}

}  // namespace popflow::python
