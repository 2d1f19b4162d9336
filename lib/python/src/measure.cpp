#include "popflow/measure/alignment.hpp"
#include "popflow/measure/kurtosis.hpp"
#include "popflow/measure/localisation.hpp"
#include "popflow/measure/matching.hpp"
#include "popflow/measure/receptive_field.hpp"
#include "popflow/measure/tiling.hpp"

#include "arguments.hpp"
#include "bindings.hpp"
#include "interruption.hpp"
#include "values.hpp"

namespace popflow::python {

namespace {

using FieldView = Eigen::Ref<const Field>;      // of an array, without a copy
using WeightsView = Eigen::Ref<const Weights>;  // the same, one field a row

void define_receptive_field(py::module_& m) {
  m.def("inverse_participation_ratio", &inverse_participation_ratio, py::arg("u"),
        "sum_i u_i^4 / (sum_i u_i^2)^2 (Eq. 23): of a field, or of every row of K x N weights.");
  m.def("inverse_participation_ratio", &inverse_participation_ratios, py::arg("u"));
  m.def("centre", &centre, py::arg("torus"), py::arg("u"),
        "Circular mean of u^2 along each axis, [row, column], in sites (Eq. 24).");
  m.def("width", &width, py::arg("torus"), py::arg("u"),
        "The s of the bump exp(-r^2 / 2 s^2) as concentrated as u, [row, column] (Eq. 24).");
  m.def(
      "dominant_mode",
      [](const Torus& torus, const FieldView& u) {
        FourierTransform fourier(torus);
        return dominant_mode(fourier, u);
      },
      py::arg("torus"), py::arg("u"), "Wave numbers of the largest |u^(q)|, [row, column].");
  m.def("dominant_sign", &dominant_sign, py::arg("u"),
        "Sign of the entry of largest magnitude: +1 or -1; 0 for u = 0.");
}

void define_alignment(py::module_& m) {
  py::class_<Alignment> type(m, "Alignment", "How one field is brought onto another.");
  type.def_readonly("shift", &Alignment::shift, "Displacement T, a site number.")
      .def_readonly("sign", &Alignment::sign)
      .def_readonly("aligned", &Alignment::aligned, "sign T a, N entries.")
      .def_readonly("relative_error", &Alignment::relative_error, "|sign T a - b| / |b|.");
  define_record(type, {"shift", "sign", "aligned", "relative_error"}, &Alignment::shift,
                &Alignment::sign, &Alignment::aligned, &Alignment::relative_error);
  m.def(
      "align",
      [](const Torus& torus, const FieldView& a, const FieldView& b) {
        FourierTransform fourier(torus);
        return align(fourier, a, b);
      },
      py::arg("torus"), py::arg("a"), py::arg("b"),
      "The shift and sign that bring a closest to b (Eq. 25).");
  m.def(
      "relative_error",
      [](const WeightsView& a, const WeightsView& b) { return relative_error(a, b); }, py::arg("a"),
      py::arg("b"), "|a - b| / |b|, of two fields or two sets of weights.");
}

void define_localisation(py::module_& m) {
  m.def(
      "localised",
      [](const py::object& u, double concentration) {
        return Eigen::Array<bool, Eigen::Dynamic, 1>(
            localisation(weights_of(u), concentration).localised);
      },
      py::arg("u"), py::arg("concentration") = localised_concentration,
      "Which of K fields have N IPR above the concentration, K booleans (Eq. 46).");
  py::class_<Tiling> type(m, "Tiling", "How evenly points are spread (Eq. 47-49).");
  type.def_readonly("mean_spacing", &Tiling::mean_spacing, "To the nearest neighbour, in sites.")
      .def_readonly("ratio", &Tiling::ratio, "Over that of uniform points (Eq. 47).")
      .def_readonly("p_even", &Tiling::p_even)
      .def_readonly("p_clustered", &Tiling::p_clustered);
  define_record(type,
                {"mean_spacing", "uniform_mean", "uniform_standard_deviation", "ratio", "p_even",
                 "p_clustered"},
                &Tiling::mean_spacing, &Tiling::uniform_mean, &Tiling::uniform_standard_deviation,
                &Tiling::ratio, &Tiling::p_even, &Tiling::p_clustered);
  m.def(
      "tiling",
      [](const Torus& torus, const std::vector<Point>& points, int draws, std::uint64_t seed) {
        return waited_for([&](const auto& interrupted) {
          return tiling(torus, points, {draws, seed, interrupted});
        });
      },
      py::arg("torus"), py::arg("points"), py::arg("draws") = 9999, py::arg("seed") = 0,
      "The nearest-neighbour spacing of points [row, column], against uniform ones. Ctrl-C raises\n"
      "KeyboardInterrupt.");
}

void define_match(py::module_& m) {
  py::class_<Match> match(m, "Match", "How field a of one set resembles field b of another.");
  match.def_readonly("a", &Match::a)
      .def_readonly("b", &Match::b)
      .def_readonly("similarity", &Match::similarity, "rho of Eq. 43, in [0, 1].")
      .def_readonly("shift", &Match::shift, "A site number.")
      .def_readonly("sign", &Match::sign)
      .def_readonly("reflected", &Match::reflected);
  define_record(match, {"a", "b", "similarity", "shift", "sign", "reflected"}, &Match::a, &Match::b,
                &Match::similarity, &Match::shift, &Match::sign, &Match::reflected);
  py::class_<Matching> matching(m, "Matching", "Pairs of fields.");
  matching.def_readonly("matches", &Matching::matches)
      .def_readonly("mean_similarity", &Matching::mean_similarity);
  define_record(matching, {"matches", "mean_similarity"}, &Matching::matches,
                &Matching::mean_similarity);
}

// The functions that compare K x N with R x N fields up to shift and reflection differ in their
// result only.
template <class Function>
void define_comparison(py::module_& m, const char* name, Function function, const char* what) {
  m.def(
      name,
      [function](const Torus& torus, const py::object& a, const py::object& b, bool shift,
                 bool reflection) {
        const Weights first = weights_of(a), second = weights_of(b);
        FourierTransform fourier(torus);
        return waited_for([&](const auto& interrupted) {
          return function(fourier, first, second, {shift, reflection, interrupted});
        });
      },
      py::arg("torus"), py::arg("a"), py::arg("b"), py::arg("shift") = false,
      py::arg("reflection") = false, what);
}

void define_matching(py::module_& m) {
  define_match(m);
  define_comparison(m, "similarity_matrix", &similarity_matrix,
                    "Similarities of K x N with R x N fields, K x R (Eq. 43).");
  define_comparison(m, "best_matching", &best_matching,
                    "The matching of largest total similarity, min(K, R) pairs (Eq. 44).");
  define_comparison(m, "nearest", &nearest, "The most similar field of b for each of a.");
}

void define_kurtosis(py::module_& m) {
  m.def(
      "preactivation_kurtosis",
      [](const py::object& input, const py::object& u, const py::object& cumulant) {
        const Input model = input_of(input);
        CumulantOperator kappa = operator_of(cumulant);
        const Weights weights = weights_of(u);
        return released([&] { return preactivation_kurtosis(model, kappa, weights); });
      },
      py::arg("input"), py::arg("u"), py::arg("cumulant"),
      "Excess kurtosis of u_k . x from the fourth cumulant, K numbers (Eq. 50).");
  m.def(
      "sampled_kurtosis",
      [](const py::object& input, const py::object& u, py::ssize_t samples, std::uint64_t seed,
         std::uint32_t run) {
        const Input model = input_of(input);
        const Weights weights = weights_of(u);
        const auto estimator = waited_for([&](const auto& interrupted) {
          return preactivation_kurtosis(model, weights, {samples, seed, run}, interrupted);
        });
        return std::pair(estimator.excess_kurtosis(), estimator.standard_error());
      },
      py::arg("input"), py::arg("u"), py::arg("samples") = 100000, py::arg("seed") = 0,
      py::arg("run") = 0,
      "The same from fresh samples, with standard errors, K numbers each (Eq. 51). Ctrl-C raises\n"
      "KeyboardInterrupt.");
}

}  // namespace

void define_measure(py::module_& m) {
  define_receptive_field(m);
  define_alignment(m);
  define_localisation(m);
  define_matching(m);
  define_kurtosis(m);
}

}  // namespace popflow::python
