#include "popflow/moments/cumulant_table.hpp"
#include "popflow/tensor/quartic_form.hpp"
#include "popflow/tensor/symmetric_cp.hpp"
#include "popflow/tensor/tiled_cumulant.hpp"
#include "popflow/tensor/tiled_fit.hpp"

#include "arguments.hpp"
#include "bindings.hpp"
#include "contraction.hpp"
#include "interruption.hpp"

namespace popflow::python {

namespace {

constexpr auto by_reference = py::return_value_policy::reference_internal;

void define_factors(py::module_& m) {
  py::class_<TiledFactors>(m, "TiledFactors", R"(R templates tiled over the lattice (Eq. 31):

    kappa(a, b, c) ~ sum_r lambda_r sum_s t_r(s) t_r(s + a) t_r(s + b) t_r(s + c)
)")
      .def(
          py::init([](const Torus& torus, const Eigen::VectorXd& lambda, const Weights& templates) {
            return normalised(TiledFactors{torus, lambda, templates.transpose()});
          }),
          py::arg("torus"), py::arg("weight"), py::arg("templates"))
      .def_readonly("torus", &TiledFactors::torus)
      .def_readonly("weight", &TiledFactors::lambda, by_reference, "Signed lambda, R.")
      .def_property_readonly(
          "templates", [](const TiledFactors& f) { return Weights(f.templates.transpose()); },
          "R x N, one a row, of unit length.")
      .def(
          "__call__",
          [](const TiledFactors& factors, int a, int b, int c) {
            check_sites(factors.torus, {a, b, c});
            return factors(a, b, c);
          },
          py::arg("a"), py::arg("b"), py::arg("c"), "kappa(a, b, c) of these templates.");

  py::class_<TiledCumulant> tiled(m, "TiledCumulant",
                                  "TiledFactors as a cumulant operator: O(R N log N) (Eq. 32).");
  tiled.def(py::init<const TiledFactors&>(), py::arg("factors"));
  define_contraction(tiled);
}

TiledFit fit_input(const py::object& input, int rank, int starts, std::uint64_t seed, int entries) {
  const Input model = input_of(input);
  return released([&] {
    return tiled_fit(fourth_cumulant(model), model.covariance(),
                     {.rank = rank, .starts = starts, .seed = seed}, {.entries = entries});
  });
}

void define_tiled(py::module_& m) {
  py::class_<TiledFit>(m, "TiledFit", "A tiled CP decomposition.")
      .def_readonly("factors", &TiledFit::factors)
      .def_readonly("relative_error", &TiledFit::relative_error, "Of the whole tensor, Frobenius.")
      .def_readonly("standard_error", &TiledFit::standard_error,
                    "Of an error estimated from unseen entries; None where it is exact.")
      .def_readonly("rank_error", &TiledFit::rank_error,
                    "Relative error of the fits of rank 1, ..., R.");
  m.def("tiled_cp", &fit_input, py::arg("input"), py::arg("rank") = 1, py::kw_only(),
        py::arg("starts") = 6, py::arg("seed") = 1, py::arg("entries") = 0,
        R"(Tiled CP decomposition of an input's fourth cumulant (Eq. 31, 33, 34).

By Levenberg-Marquardt over the templates, from the whole table on lattices of at most 512 sites,
and otherwise, or with entries > 0, from so many sampled entries (Eq. 35, 36).
)");
}

void define_symmetric(py::module_& m) {
  py::class_<SymmetricCpFit>(m, "SymmetricCpFit", "A symmetric CP decomposition.")
      .def_property_readonly(
          "weight", [](const SymmetricCpFit& fit) { return fit.factors.lambda; },
          "Signed lambda, R.")
      .def_property_readonly(
          "vectors",
          [](const SymmetricCpFit& fit) { return Weights(fit.factors.vectors.transpose()); },
          "R x N, one a row, of unit length.")
      .def_readonly("relative_error", &SymmetricCpFit::relative_error)
      .def_readonly("iterations", &SymmetricCpFit::iterations)
      .def_readonly("start_errors", &SymmetricCpFit::start_errors);
  m.def(
      "symmetric_cp",
      [](const CumulantTable& table, int rank, int starts, std::uint64_t seed, int iterations,
         double tolerance) {
        return released([&] {
          LatticeForm form{CumulantOperator(table)};
          return symmetric_cp(form, table.torus().sites() * table.squared_norm(),
                              {.rank = rank,
                               .starts = starts,
                               .seed = seed,
                               .iterations = iterations,
                               .tolerance = tolerance});
        });
      },
      py::arg("table"), py::arg("rank") = 1, py::kw_only(), py::arg("starts") = 3,
      py::arg("seed") = 1, py::arg("iterations") = 500, py::arg("tolerance") = 1e-4,
      "sum_r lambda_r x_r^(x4) closest to a whole fourth cumulant (Eq. 27-29).");
}

}  // namespace

void define_tensor(py::module_& m) {
  define_factors(m);
  define_tiled(m);
  define_symmetric(m);
}

}  // namespace popflow::python
