#include "popflow/moments/arcsine.hpp"
#include "popflow/moments/band_limited_cumulant.hpp"
#include "popflow/moments/cumulant_operator.hpp"
#include "popflow/moments/cumulant_table.hpp"
#include "popflow/moments/empirical_cumulant.hpp"
#include "popflow/moments/fourth_cumulant.hpp"
#include "popflow/moments/interruptible.hpp"

#include "arguments.hpp"
#include "bindings.hpp"
#include "contraction.hpp"
#include "interruption.hpp"

namespace popflow::python {

namespace {

// Sites 0 to N - 1 of something that is called with three of them.
template <class Moments>
double at(const Moments& moments, int a, int b, int c) {
  check_sites(moments.torus(), {a, b, c});
  return moments(a, b, c);
}

py::array entries(const py::object& self) {
  const auto& table = self.cast<const CumulantTable&>();
  const py::ssize_t n = table.torus().sites();
  py::array_t<double> view({n, n, n}, table.values().data(), self);
  view.attr("setflags")(py::arg("write") = false);
  return view;
}

void define_cumulant(py::module_& m) {
  py::class_<FourthCumulant>(m, "FourthCumulant",
                             "kappa(a, b, c) of sites 0, a, b, c (Eq. 13), entry by entry.")
      .def(py::init([](const py::object& input) {
             const Input model = input_of(input);
             return FourthCumulant(fourth_cumulant(model));
           }),
           py::arg("input"))
      .def_property_readonly("torus", &FourthCumulant::torus)
      .def(
          "__call__",
          [](const FourthCumulant& kappa, int a, int b, int c) {
            return released([&] { return at(kappa, a, b, c); });
          },
          py::arg("a"), py::arg("b"), py::arg("c"));
}

void define_operators(py::module_& m) {
  py::class_<CumulantTable> table(m, "CumulantTable",
                                  "Every entry kappa(a, b, c) of a fourth cumulant: N^3 doubles.");
  table
      .def(py::init([](const FourthCumulant& kappa, std::size_t memory_limit) {
             return waited_for([&](const auto& interrupted) {
               return CumulantTable(interruptible(kappa, interrupted), memory_limit);
             });
           }),
           py::arg("kappa"), py::arg("memory_limit") = std::size_t{2} << 30)
      .def("__call__", &at<CumulantTable>, py::arg("a"), py::arg("b"), py::arg("c"))
      .def_property_readonly("values", &entries, "All entries, N x N x N: a view.")
      .def("squared_norm", &CumulantTable::squared_norm, "sum_abc kappa(a, b, c)^2.");
  define_contraction(table);

  py::class_<BandLimitedCumulant> band(
      m, "BandLimitedCumulant",
      "The cumulant where all four wave numbers are at most `band` along every axis (Eq. 15, 16).");
  band.def(py::init([](const CumulantTable& table_of, double truncation) {
             return released([&] { return BandLimitedCumulant(table_of, truncation); });
           }),
           py::arg("table"), py::arg("truncation") = 0.0,
           "The narrowest band of at most this truncation error; 0 keeps every mode.")
      .def_property_readonly("band", &BandLimitedCumulant::band)
      .def_property_readonly("truncation_error", &BandLimitedCumulant::truncation_error,
                             "Relative Frobenius distance between the tensor and what was kept.");
  define_contraction(band);

  py::class_<EmpiricalCumulant> empirical(
      m, "EmpiricalCumulant",
      R"(The fourth cumulant of given fields as a law, with shifts, reflections, signs (Eq. 107).

No estimate of another law's cumulant, which would be biased: that is OrbitCumulant.
)");
  empirical.def(py::init([](const Torus& torus, const py::object& fields) {
                  const Eigen::MatrixXd columns = fields_of(fields);
                  return released([&] { return EmpiricalCumulant(torus, columns); });
                }),
                py::arg("torus"), py::arg("fields"), "`fields` are P x N.");
  define_contraction(empirical);

  py::class_<CumulantOperator> any(m, "CumulantOperator",
                                   "Any form of a fourth cumulant (Eq. 14).");
  any.def(py::init(&operator_of), py::arg("cumulant"));
  define_contraction(any);
}

}  // namespace

void define_moments(py::module_& m) {
  define_cumulant(m);
  define_operators(m);
  m.def("erf_normalisation", &erf_normalisation, py::arg("gain"),
        "Z(g) = sqrt(E erf(g z / sqrt 2)^2) (Eq. 6).");
  m.def("erf_two_point", &erf_two_point, py::arg("gain"), py::arg("c"),
        "E x_i x_j of the erf field at latent correlation c: the arcsine law (Eq. 8).");
}

}  // namespace popflow::python
