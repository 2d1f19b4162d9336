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
#include "popflow/network/checks.hpp"
#include "popflow/tensor/orbit_cumulant.hpp"
#include "popflow/tensor/tiled_cumulant.hpp"

#include "operators.hpp"
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

BoundTaskClass class_of(const py::handle& item) {
  if (py::isinstance<BoundTaskClass>(item)) return item.cast<const BoundTaskClass&>();
  if (!py::isinstance<py::sequence>(item) || py::isinstance<py::str>(item) || py::len(item) != 3)
    throw std::invalid_argument(fmt::format(
        "task: has {}: must be a sequence of (label, probability, input)", description_of(item)));
  const auto parts = item.cast<py::sequence>();
  return {number_given_by("task: the label of a class", parts[0]),
          number_given_by("task: the probability of a class", parts[1]), bound_input(parts[2])};
}

const std::array<Choice<Activation>, 7>& activations() {
  static const std::array<Choice<Activation>, 7> choices{{{"erf", Erf{}},
                                                          {"tanh", Tanh{}},
                                                          {"logistic", Logistic{}},
                                                          {"relu", Relu{}},
                                                          {"linear", linear()},
                                                          {"cubic", cubic()},
                                                          {"erf-series", erf_series()}}};
  return choices;
}

bool same_activation(const Activation& a, const Activation& b) {
  const auto *p = std::get_if<Polynomial>(&a), *q = std::get_if<Polynomial>(&b);
  return a.index() == b.index() && (!p || p->coefficients == q->coefficients);
}

constexpr std::array<Choice<Loss>, 3> losses{
    {{"squared", Loss::squared}, {"correlation", Loss::correlation}, {"logistic", Loss::logistic}}};

}  // namespace

std::string description_of(const py::handle& value) {
  if (value.is_none()) return "None";
  if (py::isinstance<py::array>(value)) {
    const auto array = py::reinterpret_borrow<py::array>(value);
    const std::vector<py::ssize_t> shape(array.shape(), array.shape() + array.ndim());
    return shape.empty() ? "a single number"
                         : fmt::format("an array of {}", fmt::join(shape, " x "));
  }
  if (py::isinstance<py::list>(value) || py::isinstance<py::tuple>(value))
    return fmt::format("a {} of {}", py::isinstance<py::list>(value) ? "list" : "tuple",
                       py::len(value));
  const std::string type = py::str(py::type::of(value).attr("__name__"));
  const bool vowel = std::string("aeiouAEIOU").find(type.front()) != std::string::npos;
  return fmt::format("{} {}", vowel ? "an" : "a", type);
}

std::optional<Numbers> numbers_of(const py::handle& value) {
  const auto any = py::array::ensure(value);
  if (!any || std::string("biuf").find(any.dtype().kind()) == std::string::npos) return {};
  auto numbers = Numbers::ensure(any);
  if (!numbers) return {};
  return numbers;
}

double number_given_by(const std::string& what, const py::handle& value) {
  const auto numbers = numbers_of(value);
  if (!numbers || numbers->size() != 1)
    throw std::invalid_argument(
        fmt::format("{}: is {}: must be a number", what, description_of(value)));
  return *numbers->data();
}

Eigen::VectorXd numbers_given_by(const std::string& what, const py::handle& value,
                                 Eigen::Index size) {
  const auto numbers = numbers_of(value);
  if (!numbers || numbers->ndim() != 1 || numbers->size() != size)
    throw std::invalid_argument(fmt::format(
        "{}: is {}: must be an array of {} numbers", what,
        numbers && numbers->ndim() > 0 ? description_of(*numbers) : description_of(value), size));
  return Eigen::Map<const Eigen::VectorXd>(numbers->data(), size);
}

BoundInput bound_input(const py::object& object) {
  if (py::isinstance<BoundInput>(object)) return object.cast<const BoundInput&>();
  return {input_of(object), {py::type::of<BoundInput>(), py::make_tuple(object)}};
}

py::tuple bound_task(const py::iterable& classes) {
  py::list bound;
  for (const py::handle item : classes) bound.append(py::cast(class_of(item)));
  return py::tuple(bound);
}

// A type of the module that is missing here would count as a model in Python, and be slow.
Input input_of(const py::object& object) {
  if (py::isinstance<BoundInput>(object)) return object.cast<const BoundInput&>().input;
  if (const auto input = held<Input, GaussianField, NonlinearGaussianField, EllipticalField,
                              CopulaField, IsingRing, EmpiricalField>(object))
    return *input;
  return PythonInput(object);
}

Task task_of(const py::iterable& classes) {
  Task task;
  for (const py::handle item : classes) {
    const BoundTaskClass c = class_of(item);
    task.push_back({c.label, c.probability, c.input.input});
  }
  check_task(task);
  return task;
}

CumulantOperator operator_of(const py::object& object) {
  if (py::isinstance<BoundOperator>(object)) return object.cast<const BoundOperator&>().kappa;
  if (const auto made = held<CumulantOperator, CumulantTable, BandLimitedCumulant, BoundTiled,
                             OrbitCumulant, EmpiricalCumulant>(object))
    return *made;
  throw std::invalid_argument(
      fmt::format("cumulant: is {}: must be a CumulantTable, BandLimitedCumulant, TiledCumulant, "
                  "OrbitCumulant, EmpiricalCumulant or CumulantOperator",
                  description_of(object)));
}

std::vector<CumulantOperator> operators_of(const py::iterable& objects) {
  std::vector<CumulantOperator> operators;
  for (const py::handle object : objects)
    operators.push_back(operator_of(py::reinterpret_borrow<py::object>(object)));
  return operators;
}

Activation activation_of(const py::object& object) {
  if (py::isinstance<py::str>(object))
    return chosen("activation", object.cast<std::string>(), activations());
  const auto coefficients = numbers_of(object);
  if (!coefficients || coefficients->ndim() != 1)
    throw std::invalid_argument(fmt::format(
        "activation: is {}: must be the name of one, or the coefficients of a polynomial",
        description_of(object)));
  Polynomial polynomial{{coefficients->data(), coefficients->data() + coefficients->size()}};
  check_activation(polynomial);
  return polynomial;
}

py::object activation_argument(const Activation& activation) {
  for (const auto& [name, known] : activations())
    if (same_activation(known, activation)) return py::str(std::string(name));
  return py::cast(std::get<Polynomial>(activation).coefficients);
}

Loss loss_of(const std::string& name) { return chosen("loss", name, losses); }

std::string name_of(Loss loss) {
  for (const auto& [name, value] : losses)
    if (value == loss) return std::string(name);
  throw std::invalid_argument("loss: not one of the enumerators");
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
  const auto numbers = numbers_of(array);
  if (!numbers || (numbers->ndim() != 1 && numbers->ndim() != 2))
    throw std::invalid_argument(fmt::format(
        "weights: is {}: must be an array of numbers, K x N or N", description_of(array)));
  const bool single = numbers->ndim() == 1;
  return Eigen::Map<const Weights>(numbers->data(), single ? 1 : numbers->shape(0),
                                   numbers->shape(single ? 0 : 1));
}

Eigen::MatrixXd fields_of(const py::object& array, const char* what) {
  const auto numbers = numbers_of(array);
  if (!numbers || numbers->ndim() != 2)
    throw std::invalid_argument(
        fmt::format("{}: is {}: must be an array of numbers, P x N", what, description_of(array)));
  return Eigen::Map<const Eigen::MatrixXd>(numbers->data(), numbers->shape(1), numbers->shape(0));
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
