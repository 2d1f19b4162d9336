#pragma once

#include <pybind11/eigen.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

namespace popflow::python {

namespace py = pybind11;

/// For a property that is a part of its object: the object then lives as long as the part.
inline constexpr auto by_reference = py::return_value_policy::reference_internal;

// The definitions that each module of the library adds to the Python module. A module uses only
// definitions of the modules before it.
void define_lattice(py::module_& m);
void define_input(py::module_& m);
void define_moments(py::module_& m);
void define_network(py::module_& m);
void define_flow(py::module_& m);
void define_training(py::module_& m);
void define_integration(py::module_& m);
void define_dynamics(py::module_& m);
void define_tensor(py::module_& m);
void define_measure(py::module_& m);
void define_experiment(py::module_& m);

}  // namespace popflow::python
