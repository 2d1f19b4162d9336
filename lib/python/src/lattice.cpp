#include "popflow/lattice/fourier.hpp"
#include "popflow/lattice/fourier_basis.hpp"
#include "popflow/lattice/torus.hpp"

#include "arguments.hpp"
#include "bindings.hpp"
#include "values.hpp"

namespace popflow::python {

namespace {

void define_torus(py::module_& m) {
  py::class_<Torus> torus_class(
      m, "Torus",
      R"(A periodic lattice of N sites: a ring (one extent) or a torus (two).

Sites are numbered row-major; a displacement is numbered like the site that it reaches from site 0.
)");
  torus_class
      .def(py::init<std::vector<int>>(), py::arg("shape"), "One or two extents, each at least 1.")
      .def_property_readonly("shape", &Torus::shape)
      .def_property_readonly("rows", &Torus::rows)
      .def_property_readonly("columns", &Torus::columns)
      .def_property_readonly("dimensions", &Torus::dimensions)
      .def_property_readonly("sites", &Torus::sites, "N, the number of sites.")
      .def_property_readonly("half_modes", &Torus::half_modes,
                             "Length of a half-spectrum: rows x (columns // 2 + 1).")
      .def("site", &Torus::site, py::arg("row"), py::arg("column"),
           "Number of the site at (row, column), both taken modulo the lattice.")
      .def(
          "coordinates",
          [](const Torus& torus, int site) {
            check_sites(torus, {site});
            return torus.coordinates(site);
          },
          py::arg("site"), "Row and column of a site.")
      .def(
          "add",
          [](const Torus& torus, int site, int displacement) {
            check_sites(torus, {site, displacement});
            return torus.add(site, displacement);
          },
          py::arg("site"), py::arg("displacement"), "The site reached by a displacement.")
      .def(
          "negate",
          [](const Torus& torus, int displacement) {
            check_sites(torus, {displacement});
            return torus.negate(displacement);
          },
          py::arg("displacement"), "The opposite displacement.");
  define_value(
      torus_class, {"shape"}, [](const Torus& torus) { return py::make_tuple(torus.shape()); },
      [](const py::tuple& parts) { return Torus(parts[0].cast<std::vector<int>>()); });
  torus_class.def("__hash__",
                  [](const Torus& torus) { return py::hash(py::tuple(py::cast(torus.shape()))); });
}

void define_fourier(py::module_& m) {
  py::class_<FourierTransform> fourier(m, "FourierTransform",
                                       R"(The discrete Fourier transform (Eq. 1):

    forward   f^(q) = sum_j f_j exp(-2 pi i q . j / L)
    backward  f_j   = 1/N sum_q f^(q) exp(+2 pi i q . j / L)

A half-spectrum has half_modes complex entries, row-major.
)");
  fourier.def(py::init<const Torus&>(), py::arg("torus"))
      .def_property_readonly("torus", &FourierTransform::torus)
      .def(
          "forward",
          py::overload_cast<const Eigen::Ref<const Field>&>(&FourierTransform::forward, py::const_),
          py::arg("field"), "Half-spectrum of a real field of N entries.")
      .def("backward",
           py::overload_cast<const Eigen::Ref<const Spectrum>&>(&FourierTransform::backward,
                                                                py::const_),
           py::arg("spectrum"), "Field of N entries with this half-spectrum.");
  define_value(
      fourier, {"torus"},
      [](const FourierTransform& transform) { return py::make_tuple(transform.torus()); },
      [](const py::tuple& parts) { return FourierTransform(parts[0].cast<Torus>()); });
}

}  // namespace

void define_lattice(py::module_& m) {
  define_torus(m);
  define_fourier(m);
  m.def(
      "shifted",
      [](const Torus& torus, const Field& field, int displacement) {
        check_sites(torus, {displacement});
        return shifted(torus, field, displacement);
      },
      py::arg("torus"), py::arg("field"), py::arg("displacement"),
      "The field moved by a displacement: result(i + displacement) = field(i), N entries.");
  m.def("reflected", &reflected, py::arg("torus"), py::arg("field"),
        "The field reflected through site 0: result(-i) = field(i), N entries.");
  m.def(
      "lattice_derivative",
      [](const Torus& torus, const Field& field, int axis) {
        const FourierBasis basis(torus);
        Field coefficients(torus.sites()), result(torus.sites());
        basis.from_sites(field, coefficients);
        basis.to_sites(basis.derivative(coefficients, axis), result);
        return result;
      },
      py::arg("torus"), py::arg("field"), py::arg("axis") = 0,
      "Derivative of a field along one axis, in sites (Eq. 97), N entries.");
}

}  // namespace popflow::python
