#include "python_input.hpp"

#include <initializer_list>
#include <stdexcept>

#include <fmt/core.h>

#include "popflow/input/correlation.hpp"

namespace popflow::python {

namespace {

std::shared_ptr<const py::object> shared(const py::object& object) {
  return {new py::object(object), [](const py::object* held) {
            const py::gil_scoped_acquire acquire;
            delete held;
          }};
}

Torus checked_torus(const py::object& object) {
  for (const char* name : {"torus", "covariance", "four_point", "sample"})
    if (!py::hasattr(object, name))
      throw std::invalid_argument(
          fmt::format("input of type {}: must have torus, covariance, four_point and sample",
                      std::string(py::str(py::type::of(object).attr("__name__")))));
  return object.attr("torus").cast<Torus>();
}

Field checked_field(const py::object& numbers, const char* what, Eigen::Index size) {
  Field field = numbers.cast<Field>();
  if (field.size() != size)
    throw std::invalid_argument(
        fmt::format("{}() of an input gave {} numbers: must be {}", what, field.size(), size));
  return field;
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
      covariance_(checked_field(object.attr("covariance")(), "covariance", torus_.sites())),
      spectrum_(py::hasattr(object, "spectrum")
                    ? checked_field(object.attr("spectrum")(), "spectrum", torus_.half_modes())
                    : covariance_spectrum(torus_, covariance_)) {}

double PythonInput::four_point(int a, int b, int c) const {
  double result = 0.0;
  call_back([&] { result = object_->attr("four_point")(a, b, c).cast<double>(); });
  return result;
}

void PythonInput::sample(RandomStream& stream, Eigen::Ref<Field> out) {
  out.setZero();
  call_back([&] {
    // A copy, because Python may keep it.
    const py::object copy = py::cast(RandomStream(stream));
    out = checked_field(object_->attr("sample")(copy), "sample", torus_.sites());
    stream = copy.cast<RandomStream&>();
  });
}

}  // namespace popflow::python
