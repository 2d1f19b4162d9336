#include "python_input.hpp"

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "popflow/input/correlation.hpp"

#include "arguments.hpp"

namespace popflow::python {

namespace {

std::shared_ptr<const py::object> shared(const py::object& object) {
  return {new py::object(object), [](const py::object* held) {
            const py::gil_scoped_acquire acquire;
            delete held;
          }};
}

Torus checked_torus(const py::object& object) {
  const std::string type = py::str(py::type::of(object).attr("__name__"));
  for (const char* name : {"torus", "covariance", "four_point", "sample"}) {
    if (!py::hasattr(object, name))
      throw std::invalid_argument(fmt::format(
          "input of type {}: has no {}: must have torus, covariance, four_point and sample", type,
          name));
    const bool is_method = name != std::string_view("torus");
    if (is_method && PyCallable_Check(object.attr(name).ptr()) == 0)
      throw std::invalid_argument(fmt::format("{} of an input of type {}: is {}: must be a method",
                                              name, type, description_of(object.attr(name))));
  }
  const py::object torus = object.attr("torus");
  if (!py::isinstance<Torus>(torus))
    throw std::invalid_argument(fmt::format("torus of an input of type {}: is {}: must be a Torus",
                                            type, description_of(torus)));
  return torus.cast<Torus>();
}

// A method of an input and the name of its type, as messages name a value that it returned.
std::string given_by(const py::object& object, const char* method) {
  return fmt::format("{}() of an input of type {}", method,
                     std::string(py::str(py::type::of(object).attr("__name__"))));
}

Field checked_field(const py::object& object, const char* method, Eigen::Index size) {
  return numbers_given_by(given_by(object, method), object.attr(method)(), size);
}

// Calls back with the interpreter lock.
template <class Call>
void call_back(const Call& call) {
  const py::gil_scoped_acquire acquire;
  call();
}

}  // namespace

PythonInput::PythonInput(const py::object& object)
    : object_(shared(object)),
      torus_(checked_torus(object)),
      covariance_(checked_field(object, "covariance", torus_.sites())),
      spectrum_(py::hasattr(object, "spectrum")
                    ? checked_field(object, "spectrum", torus_.half_modes())
                    : covariance_spectrum(torus_, covariance_)) {}

double PythonInput::four_point(int a, int b, int c) const {
  double result = 0.0;
  call_back([&] {
    result =
        number_given_by(given_by(*object_, "four_point"), object_->attr("four_point")(a, b, c));
  });
  return result;
}

void PythonInput::sample(RandomStream& stream, Eigen::Ref<Field> out) {
  out.setZero();
  call_back([&] {
    // A copy, because Python may keep it.
    const py::object copy = py::cast(RandomStream(stream));
    out = numbers_given_by(given_by(*object_, "sample"), object_->attr("sample")(copy),
                           torus_.sites());
    stream = copy.cast<RandomStream&>();
  });
}

}  // namespace popflow::python
