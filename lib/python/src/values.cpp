#include "values.hpp"

#include <cmath>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <pybind11/numpy.h>

namespace popflow::python {

namespace {

constexpr std::size_t longest_shown = 8;  // entries of a list or an array

std::string shown(const py::handle& value) {
  if (py::isinstance<py::array>(value)) {
    const auto array = py::reinterpret_borrow<py::array>(value);
    if (array.ndim() == 1 && array.size() <= static_cast<py::ssize_t>(longest_shown))
      return py::repr(array.attr("tolist")());
    const std::vector<py::ssize_t> shape(array.shape(), array.shape() + array.ndim());
    return fmt::format("<array of {}>", fmt::join(shape, " x "));
  }
  const bool is_list = py::isinstance<py::list>(value);
  if (!is_list && !py::isinstance<py::tuple>(value)) return py::repr(value);
  if (py::len(value) > longest_shown) return fmt::format("<list of {}>", py::len(value));
  std::vector<std::string> entries;
  for (const py::handle entry : value) entries.push_back(shown(entry));
  return fmt::format("{}{}{}", is_list ? '[' : '(', fmt::join(entries, ", "), is_list ? ']' : ')');
}

bool is_nan(const py::handle& value) {
  return py::isinstance<py::float_>(value) && std::isnan(value.cast<double>());
}

}  // namespace

std::string repr_of(const py::object& object, const Names& names, const py::tuple& parts) {
  std::vector<std::string> arguments;
  for (std::size_t i = 0; i < names.size() && i < parts.size(); ++i)
    arguments.push_back(fmt::format("{}={}", names[i], shown(parts[i])));
  return fmt::format("popflow.{}({})", py::type::of(object).attr("__name__").cast<std::string>(),
                     fmt::join(arguments, ", "));
}

bool same_parts(const py::handle& a, const py::handle& b) {
  if (py::isinstance<py::array>(a) && py::isinstance<py::array>(b))
    return py::module_::import("numpy")
        .attr("array_equal")(a, b, py::arg("equal_nan") = true)
        .cast<bool>();
  const auto is_sequence = [](const py::handle& value) {
    return py::isinstance<py::tuple>(value) || py::isinstance<py::list>(value);
  };
  if (!is_sequence(a) || !is_sequence(b)) return (is_nan(a) && is_nan(b)) || a.equal(b);
  if (py::len(a) != py::len(b)) return false;
  for (auto i = a.begin(), j = b.begin(); i != a.end(); ++i, ++j)
    if (!same_parts(*i, *j)) return false;
  return true;
}

py::tuple deep_copy(const py::tuple& parts, const py::dict& memo) {
  return py::module_::import("copy").attr("deepcopy")(parts, memo);
}

}  // namespace popflow::python
