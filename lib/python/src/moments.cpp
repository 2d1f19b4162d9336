#include <limits>
#include <stdexcept>

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
#include "operators.hpp"
#include "values.hpp"

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

// A cumulant in Python, with the input from which it was made.
struct BoundCumulant {
  FourthCumulant kappa;
  Made made;
};

void define_cumulant(py::module_& m) {
  py::class_<BoundCumulant> type(m, "FourthCumulant",
                                 "kappa(a, b, c) of sites 0, a, b, c (Eq. 13), entry by entry.");
  type.def(py::init([](const py::object& input) {
             const BoundInput model = bound_input(input);
             return BoundCumulant{fourth_cumulant(model.input),
                                  {py::type::of<BoundCumulant>(), py::make_tuple(model)}};
           }),
           py::arg("input"))
      .def_property_readonly("torus", [](const BoundCumulant& self) { return self.kappa.torus(); })
      .def(
          "__call__",
          [](const BoundCumulant& self, int a, int b, int c) {
            return released([&] { return at(self.kappa, a, b, c); });
          },
          py::arg("a"), py::arg("b"), py::arg("c"));
  define_made(type, {"input"});
}

// Every entry once more, from the entries.
CumulantTable table_of(const py::tuple& parts) {
  const auto torus = parts[0].cast<Torus>();
  const auto values = parts[1].cast<Eigen::VectorXd>();
  const Eigen::Index n = torus.sites();
  if (values.size() != n * n * n) throw std::invalid_argument("table: must have N^3 entries");
  const auto entry = [&](int a, int b, int c) { return values[(a * n + b) * n + c]; };
  return CumulantTable(FourthCumulant(torus, Field::Zero(n), entry),
                       std::numeric_limits<std::size_t>::max());
}

void define_operators(py::module_& m) {
  py::class_<CumulantTable> table(m, "CumulantTable",
                                  "Every entry kappa(a, b, c) of a fourth cumulant: N^3 doubles.");
  table
      .def(py::init([](const BoundCumulant& kappa, std::size_t memory_limit) {
             return waited_for([&](const auto& interrupted) {
               return CumulantTable(interruptible(kappa.kappa, interrupted), memory_limit);
             });
           }),
           py::arg("kappa"), py::arg("memory_limit") = std::size_t{2} << 30)
      .def("__call__", &at<CumulantTable>, py::arg("a"), py::arg("b"), py::arg("c"))
      .def_property_readonly("values", &entries, "All entries, N x N x N: a view.")
      .def("squared_norm", &CumulantTable::squared_norm, "sum_abc kappa(a, b, c)^2.");
  define_contraction(table);
  define_value(
      table, {"torus", "values"},
      [](const CumulantTable& self) { return py::make_tuple(self.torus(), self.values()); },
      &table_of);

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
  define_copies(band, "the CumulantTable that it was made from");

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
  define_copies(empirical, "the fields that it was made from");

  py::class_<BoundOperator> any(m, "CumulantOperator", "Any form of a fourth cumulant (Eq. 14).");
  any.def(py::init([](const py::object& cumulant) {
            return BoundOperator{operator_of(cumulant),
                                 {py::type::of<BoundOperator>(), py::make_tuple(cumulant)}};
          }),
          py::arg("cumulant"));
  define_contraction(any);
  define_made(any, {"of", "input", "truncation"});
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
