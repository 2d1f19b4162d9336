#include "arguments.hpp"

#include <initializer_list>
#include <stdexcept>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "popflow/flow/quartic_flow.hpp"
#include "popflow/input/copula_field.hpp"
#include "popflow/input/elliptical_field.hpp"
#include "popflow/input/empirical_field.hpp"
#include "popflow/input/ising_ring.hpp"
#include "popflow/input/nonlinear_gaussian_field.hpp"
#include "popflow/moments/band_limited_cumulant.hpp"
#include "popflow/moments/cumulant_table.hpp"
#include "popflow/moments/empirical_cumulant.hpp"
#include "popflow/tensor/orbit_cumulant.hpp"
#include "popflow/tensor/tiled_cumulant.hpp"

#include "python_input.hpp"

namespace popflow::python {

namespace {

// The object as a Result, if it holds one of these types.
template <class Result, class... Types>
std::optional<Result> held(const py::object& object) {
  std::optional<Result> result;
  const auto take = [&]<class T>(std::type_identity<T>) {
    if (!py::isinstance<T>(object)) return false;
    result.emplace(object.cast<const T&>());
    return true;
  };
  (take(std::type_identity<Types>()) || ...);
  return result;
}

TaskClass class_of(const py::handle& item) {
  if (py::isinstance<TaskClass>(item)) return item.cast<const TaskClass&>();
  if (!py::isinstance<py::sequence>(item) || py::len(item) != 3)
    throw std::invalid_argument("task: must be a sequence of (label, probability, input)");
  const auto parts = item.cast<py::sequence>();
  return {parts[0].cast<double>(), parts[1].cast<double>(), input_of(parts[2])};
}

}  // namespace

Input input_of(const py::object& object) {
  if (const auto input = held<Input, Input, GaussianField, NonlinearGaussianField, EllipticalField,
                              CopulaField, IsingRing, EmpiricalField>(object))
    return *input;
  return PythonInput(object);
}

Task task_of(const py::iterable& classes) {
  Task task;
  for (const py::handle item : classes) task.push_back(class_of(item));
  check_task(task);
  return task;
}

CumulantOperator operator_of(const py::object& object) {
  if (const auto made = held<CumulantOperator, CumulantOperator, CumulantTable, BandLimitedCumulant,
                             TiledCumulant, OrbitCumulant, EmpiricalCumulant>(object))
    return *made;
  throw std::invalid_argument(
      "cumulant: must be a CumulantTable, BandLimitedCumulant, TiledCumulant, OrbitCumulant, "
      "EmpiricalCumulant or CumulantOperator");
}

std::vector<CumulantOperator> operators_of(const py::iterable& objects) {
  std::vector<CumulantOperator> operators;
  for (const py::handle object : objects)
    operators.push_back(operator_of(py::reinterpret_borrow<py::object>(object)));
  return operators;
}

Activation activation_of(const py::object& object) {
  if (!py::isinstance<py::str>(object)) return Polynomial{object.cast<std::vector<double>>()};
  const std::array<Choice<Activation>, 7> choices{{{"erf", Erf{}},
                                                   {"tanh", Tanh{}},
                                                   {"logistic", Logistic{}},
                                                   {"relu", Relu{}},
                                                   {"linear", linear()},
                                                   {"cubic", cubic()},
                                                   {"erf-series", erf_series()}}};
  return chosen("activation", object.cast<std::string>(), choices);
}

Loss loss_of(const std::string& name) {
  constexpr std::array<Choice<Loss>, 3> choices{{{"squared", Loss::squared},
                                                 {"correlation", Loss::correlation},
                                                 {"logistic", Loss::logistic}}};
  return chosen("loss", name, choices);
}

Purpose purpose_of(const std::string& name) {
  constexpr std::array<Choice<Purpose>, 10> choices{{{"initial_weights", Purpose::initial_weights},
                                                     {"training", Purpose::training},
                                                     {"evaluation", Purpose::evaluation},
                                                     {"decomposition", Purpose::decomposition},
                                                     {"matching", Purpose::matching},
                                                     {"entries", Purpose::entries},
                                                     {"shuffling", Purpose::shuffling},
                                                     {"tiling", Purpose::tiling},
                                                     {"orbit", Purpose::orbit},
                                                     {"chain", Purpose::chain}}};
  return chosen("purpose", name, choices);
}

Weights weights_of(const py::object& array) {
  const auto numbers =
      py::array_t<double, py::array::c_style | py::array::forcecast>::ensure(array);
  if (!numbers) throw std::invalid_argument("weights: must be an array of numbers");
  if (numbers.ndim() != 1 && numbers.ndim() != 2)
    throw std::invalid_argument(
        fmt::format("weights of {} dimensions: must be K x N, or N", numbers.ndim()));
  const bool single = numbers.ndim() == 1;
  return Eigen::Map<const Weights>(numbers.data(), single ? 1 : numbers.shape(0),
                                   numbers.shape(single ? 0 : 1));
}

Eigen::MatrixXd fields_of(const py::object& array, const char* what) {
  const auto numbers =
      py::array_t<double, py::array::c_style | py::array::forcecast>::ensure(array);
  if (!numbers || numbers.ndim() != 2)
    throw std::invalid_argument(fmt::format("{}: must be an array of numbers, P x N", what));
  return Eigen::Map<const Eigen::MatrixXd>(numbers.data(), numbers.shape(1), numbers.shape(0));
}

void check_sites(const Torus& torus, std::initializer_list<int> sites) {
  for (const int site : sites)
    if (site < 0 || site >= torus.sites())
      throw std::out_of_range(
          fmt::format("site {}: must be from 0 to {}", site, torus.sites() - 1));
}

void refuse_choice(const char* what, std::string_view name,
                   const std::vector<std::string_view>& allowed) {
  throw std::invalid_argument(
      fmt::format("{} \"{}\": must be one of {}", what, name, fmt::join(allowed, ", ")));
}

}  // namespace popflow::python
