#pragma once

#include <array>
#include <initializer_list>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "bindings.hpp"

namespace popflow::python {

/// Functions that make values of the module's classes: repr, ==, copy, deepcopy and pickle. An
/// object is taken apart into a tuple, and put together from the tuple with the same bits.

using Names = std::vector<const char*>;

/// "popflow.Torus(shape=[100])", of the tuple's entries by their names.
std::string repr_of(const py::object& object, const Names& names, const py::tuple& parts);

/// Whether two taken apart are the same, array by array; NaN is the same as NaN.
bool same_parts(const py::handle& a, const py::handle& b);

/// The tuple with every entry deep-copied.
py::tuple deep_copy(const py::tuple& parts, const py::dict& memo);

/// `apart(const T&)` is a tuple, whose entries are called by `names`; `together(tuple)` is a T.
template <class T, class... Options, class Apart, class Together>
void define_value(py::class_<T, Options...>& type, const Names& names, const Apart& apart,
                  const Together& together) {
  type.def(py::pickle([apart](const T& self) -> py::tuple { return apart(self); },
                      [together](const py::tuple& parts) { return together(parts); }))
      .def("__copy__", [](const T& self) { return T(self); })
      .def(
          "__deepcopy__",
          [apart, together](const T& self, const py::dict& memo) {
            return together(deep_copy(apart(self), memo));
          },
          py::arg("memo"))
      .def("__eq__",
           [apart](const T& self, const py::object& other) -> py::object {
             if (!py::isinstance<T>(other))
               return py::reinterpret_borrow<py::object>(Py_NotImplemented);
             return py::bool_(same_parts(apart(self), apart(other.cast<const T&>())));
           })
      .def("__repr__", [names, apart](const py::object& self) {
        return repr_of(self, names, apart(self.cast<const T&>()));
      });
}

/// The members of a struct that Python does not know, as a tuple of pointers, in their order.
template <class T>
struct Members {};

template <class T>
py::object packed(const T& value) {
  if constexpr (requires { Members<T>::all; })
    return std::apply([&](auto... member) { return py::make_tuple(packed(value.*member)...); },
                      Members<T>::all);
  else if constexpr (std::is_enum_v<T>)
    return py::int_(static_cast<int>(value));
  else
    return py::cast(value, py::return_value_policy::copy);
}

template <class T>
T unpacked(const py::object& object);

template <class T, class... Ms, std::size_t... i>
T put_together(const py::tuple& parts, std::index_sequence<i...>) {
  return T{unpacked<Ms>(parts[i])...};
}

template <class T, class... Ms>
T members_of(const py::tuple& parts, const std::tuple<Ms T::*...>&) {
  return put_together<T, Ms...>(parts, std::index_sequence_for<Ms...>());
}

template <class T>
T unpacked(const py::object& object) {
  if constexpr (requires { Members<T>::all; })
    return members_of<T>(object.cast<py::tuple>(), Members<T>::all);
  else if constexpr (std::is_enum_v<T>)
    return static_cast<T>(object.cast<int>());
  else
    return object.cast<T>();
}

/// A value that is a struct: all of its members, in their order, and their names.
template <class T, class... Options, class... Ms>
void define_record(py::class_<T, Options...>& type, const Names& names, Ms T::*... members) {
  define_value(
      type, names, [members...](const T& self) { return py::make_tuple(packed(self.*members)...); },
      [](const py::tuple& parts) {
        return put_together<T, Ms...>(parts, std::index_sequence_for<Ms...>());
      });
}

/// The call callable(*arguments) that makes an object, for objects that hold more than their
/// arguments. Made and destroyed with the interpreter lock.
struct Made {
  py::object by = py::none();
  py::tuple from = py::tuple();
};

/// Made by a function of the module, which is stored by its name: C++ functions cannot be pickled.
template <class... Arguments>
Made made_by(const char* function, const Arguments&... arguments) {
  return {py::module_::import("popflow._results").attr("_made"),
          py::make_tuple(function, arguments...)};
}

/// T has a member `made`. Copies and pickles are made again from the same arguments.
template <class T, class... Options>
void define_made(py::class_<T, Options...>& type, const Names& names) {
  type.def("__reduce__", [](const T& self) { return py::make_tuple(self.made.by, self.made.from); })
      .def("__repr__", [names](const py::object& self) {
        return repr_of(self, names, self.cast<const T&>().made.from);
      });
}

/// For what holds transforms many times as large as what it was made from: copies, but no pickles.
/// `instead` says what to pickle.
template <class T, class... Options>
void define_copies(py::class_<T, Options...>& type, const std::string& instead) {
  type.def("__copy__", [](const T& self) { return T(self); })
      .def(
          "__deepcopy__", [](const T& self, const py::dict&) { return T(self); }, py::arg("memo"))
      .def("__reduce_ex__",
           [instead](const py::object& self, int) -> py::object {
             throw py::type_error("popflow." +
                                  py::type::of(self).attr("__name__").cast<std::string>() +
                                  " cannot be pickled: pickle " + instead);
           })
      .def("__repr__", [](const py::object& self) {
        return repr_of(self, {"torus"}, py::make_tuple(self.attr("torus")));
      });
}

}  // namespace popflow::python
