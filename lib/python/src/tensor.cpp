#include "popflow/moments/cumulant_table.hpp"
#include "popflow/moments/interruptible.hpp"
#include "popflow/tensor/orbit_cumulant.hpp"
#include "popflow/tensor/power_method.hpp"
#include "popflow/tensor/quartic_form.hpp"
#include "popflow/tensor/sample_cp.hpp"
#include "popflow/tensor/subspace_power.hpp"
#include "popflow/tensor/symmetric_cp.hpp"
#include "popflow/tensor/symmetric_tensor.hpp"
#include "popflow/tensor/tiled_cumulant.hpp"
#include "popflow/tensor/tiled_fit.hpp"

#include "arguments.hpp"
#include "bindings.hpp"
#include "contraction.hpp"
#include "interruption.hpp"
#include "operators.hpp"
#include "values.hpp"

namespace popflow::python {

template <>
struct Members<Factors> {
  static constexpr std::tuple all{&Factors::lambda, &Factors::vectors};
};

namespace {

void define_factors(py::module_& m) {
  py::class_<TiledFactors> type(m, "TiledFactors", R"(R templates tiled over the lattice (Eq. 31):

    kappa(a, b, c) ~ sum_r lambda_r sum_s t_r(s) t_r(s + a) t_r(s + b) t_r(s + c)
)");
  type.def(
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
  define_record(type, {"torus", "weight", "columns"}, &TiledFactors::torus, &TiledFactors::lambda,
                &TiledFactors::templates);

  py::class_<BoundTiled> tiled(m, "TiledCumulant",
                               "TiledFactors as a cumulant operator: O(R N log N) (Eq. 32).");
  const auto tiled_of = [](const TiledFactors& factors) {
    return BoundTiled{TiledCumulant(factors), factors};
  };
  tiled.def(py::init(tiled_of), py::arg("factors"));
  define_contraction(tiled);
  define_value(
      tiled, {"factors"}, [](const BoundTiled& self) { return py::make_tuple(self.factors); },
      [tiled_of](const py::tuple& parts) { return tiled_of(parts[0].cast<TiledFactors>()); });
}

TiledFit fit_input(const py::object& input, int rank, int starts, std::uint64_t seed, int entries,
                   std::optional<bool> symmetric_templates) {
  const Input model = input_of(input);
  return waited_for([&](const auto& interrupted) {
    return tiled_fit(interruptible(fourth_cumulant(model), interrupted), model.covariance(),
                     {.rank = rank, .starts = starts, .seed = seed, .interrupted = interrupted},
                     {.entries = entries, .symmetric_templates = symmetric_templates});
  });
}

TiledFit fit_operator(const py::object& cumulant, double squared_norm,
                      const TiledCpOptions& options) {
  const CumulantOperator form = operator_of(cumulant);
  return waited_for([&](const auto& interrupted) {
    TiledCpOptions asked = options;
    asked.interrupted = interrupted;
    const std::vector<TiledCpFit> fits = tiled_cp(form, squared_norm, asked);
    TiledFit result{fits.back().factors, fits.back().relative_error, {}, {}};
    for (const TiledCpFit& fit : fits) result.rank_error.push_back(fit.relative_error);
    return result;
  });
}

void define_tiled(py::module_& m) {
  py::class_<TiledFit> type(m, "TiledFit", "A tiled CP decomposition.");
  type.def_readonly("factors", &TiledFit::factors)
      .def_readonly("relative_error", &TiledFit::relative_error, "Of the whole tensor, Frobenius.")
      .def_readonly("standard_error", &TiledFit::standard_error,
                    "Of an error estimated from unseen entries; None where it is exact.")
      .def_readonly("rank_error", &TiledFit::rank_error,
                    "Relative error of the fits of rank 1, ..., R.");
  define_record(type, {"factors", "relative_error", "standard_error", "rank_error"},
                &TiledFit::factors, &TiledFit::relative_error, &TiledFit::standard_error,
                &TiledFit::rank_error);
  m.def("tiled_cp", &fit_input, py::arg("input"), py::arg("rank") = 1, py::kw_only(),
        py::arg("starts") = 6, py::arg("seed") = 1, py::arg("entries") = 0,
        py::arg("symmetric_templates") = py::none(),
        R"(Tiled CP decomposition of an input's fourth cumulant (Eq. 31, 33, 34).

By Levenberg-Marquardt over the templates, from the whole table on lattices of at most 512 sites,
and otherwise, or with entries > 0, from so many sampled entries (Eq. 35, 36). symmetric_templates
asks of the templates the symmetries of the law: None, of fits to sampled entries only. Ctrl-C
raises KeyboardInterrupt.
)");
  m.def(
      "tiled_cp_from_operator",
      [](const py::object& cumulant, double squared_norm, int rank, int starts, std::uint64_t seed,
         int band, int iterations, double tolerance, double good_enough) {
        return fit_operator(cumulant, squared_norm,
                            {.rank = rank,
                             .starts = starts,
                             .seed = seed,
                             .band = band,
                             .iterations = iterations,
                             .tolerance = tolerance,
                             .good_enough = good_enough});
      },
      py::arg("cumulant"), py::arg("squared_norm"), py::arg("rank") = 1, py::kw_only(),
      py::arg("starts") = 6, py::arg("seed") = 1, py::arg("band") = -1, py::arg("iterations") = 60,
      py::arg("tolerance") = 1e-4, py::arg("good_enough") = 1e-6,
      R"(Tiled CP decomposition of any cumulant operator (Eq. 31, 33, 34), as of an OrbitCumulant.

squared_norm is sum_abc kappa(a, b, c)^2; `band` the templates' largest wave number, -1: all.
Fits of samples, which no template explains to the last digit, want tolerance = 1e-9. Ctrl-C raises
KeyboardInterrupt.
)");
}

// P samples of N sites as Python has them, one a row.
Eigen::MatrixXd columns(const Weights& samples) { return samples.transpose(); }

void define_sampled_cumulants(py::module_& m) {
  py::class_<OrbitCumulant> orbit(
      m, "OrbitCumulant",
      R"(A fourth cumulant estimated without bias from P samples (Eq. 40).

Each sample stands for all N of its shifts. A cumulant operator: O(P N log N).
)");
  orbit
      .def(py::init([](const Torus& torus, const Weights& samples) {
             return released([&] { return OrbitCumulant(torus, columns(samples)); });
           }),
           py::arg("torus"), py::arg("samples"), "Of samples of mean zero, P x N.")
      .def(
          "squared_norm",
          [](const OrbitCumulant& cumulant) {
            return waited_for(
                [&](const auto& interrupted) { return cumulant.squared_norm(interrupted); });
          },
          "sum_abc kappa(a, b, c)^2, noise and all (Eq. 41): O(P^2 N log N). Ctrl-C raises\n"
          "KeyboardInterrupt.");
  define_contraction(orbit);
  define_copies(orbit, "the samples that it was made from");
  m.def(
      "projected_cumulants",
      [](const Weights& samples, const Weights& vectors) {
        const auto [value, error] =
            released([&] { return projected_cumulants(columns(samples), columns(vectors)); });
        return std::pair(value, error);
      },
      py::arg("samples"), py::arg("vectors"),
      R"((value, standard_error) of the fourth cumulants along R vectors, R x N (Eq. 37, 39).

From samples, P x N, of mean zero, which the vectors must not have been fitted to.
)");
}

Weights rows(const Factors& factors) { return factors.vectors.transpose(); }

// "weight" and "vectors" of whatever has Factors.
template <class Fit>
void define_weight_and_vectors(py::class_<Fit>& type) {
  type.def_property_readonly(
          "weight", [](const Fit& fit) { return fit.factors.lambda; }, "Signed lambda, R.")
      .def_property_readonly(
          "vectors", [](const Fit& fit) { return rows(fit.factors); },
          "R x N, one a row, of unit length.");
}

SymmetricCpFit fit_table(const CumulantTable& table, SymmetricCpOptions options) {
  return interruptible([&](Interruption& interruption) {
    options.interrupted = [&interruption] { return interruption(); };
    LatticeForm form{CumulantOperator(table)};
    return symmetric_cp(form, table.torus().sites() * table.squared_norm(), options);
  });
}

SymmetricCpFit fit_samples(const Weights& samples, SymmetricCpOptions options) {
  return interruptible([&](Interruption& interruption) {
    options.interrupted = [&interruption] { return interruption(); };
    return symmetric_cp_from_samples(columns(samples), options);
  });
}

void define_symmetric(py::module_& m) {
  py::class_<SymmetricCpFit> fit(m, "SymmetricCpFit", "A symmetric CP decomposition.");
  define_weight_and_vectors(fit);
  fit.def_readonly("relative_error", &SymmetricCpFit::relative_error)
      .def_readonly("iterations", &SymmetricCpFit::iterations)
      .def_readonly("start_errors", &SymmetricCpFit::start_errors);
  define_record(fit, {"factors", "relative_error", "iterations", "start_errors"},
                &SymmetricCpFit::factors, &SymmetricCpFit::relative_error,
                &SymmetricCpFit::iterations, &SymmetricCpFit::start_errors);
  m.def(
      "symmetric_cp",
      [](const CumulantTable& table, int rank, int starts, std::uint64_t seed, int renewals,
         int iterations, double tolerance) {
        return fit_table(table, {.rank = rank,
                                 .starts = starts,
                                 .seed = seed,
                                 .renewals = renewals,
                                 .iterations = iterations,
                                 .tolerance = tolerance});
      },
      py::arg("table"), py::arg("rank") = 1, py::kw_only(), py::arg("starts") = 3,
      py::arg("seed") = 1, py::arg("renewals") = 6, py::arg("iterations") = 500,
      py::arg("tolerance") = 1e-4,
      R"(sum_r lambda_r x_r^(x4) closest to a whole fourth cumulant (Eq. 27-29).

Ctrl-C raises KeyboardInterrupt.
)");
  m.def(
      "symmetric_cp_from_samples",
      [](const Weights& samples, int rank, int starts, std::uint64_t seed, int renewals,
         int iterations, double tolerance) {
        return fit_samples(samples, {.rank = rank,
                                     .starts = starts,
                                     .seed = seed,
                                     .renewals = renewals,
                                     .iterations = iterations,
                                     .tolerance = tolerance});
      },
      py::arg("samples"), py::arg("rank") = 1, py::kw_only(), py::arg("starts") = 3,
      py::arg("seed") = 1, py::arg("renewals") = 6, py::arg("iterations") = 500,
      py::arg("tolerance") = 1e-9,
      R"(The same of the fourth cumulant of samples of mean zero, P x N: O(P N R) a step (Eq. 37, 38).

The error is relative to the estimated tensor, noise and all; of more than 8192 samples, to an upper
bound of it. Ctrl-C raises KeyboardInterrupt.
)");
}

// The state of the scheme, which an observer may keep.
struct FreshSampleState {
  Factors factors;
  std::uint64_t samples;
  double explained;
};

FreshSampleCpFit fit_fresh_samples(const Input& input, FreshSampleCpOptions options,
                                   const py::object& observe) {
  const auto show = [&observe](const FreshSampleCpState& state) {
    if (observe.is_none()) return;
    const py::gil_scoped_acquire acquire;
    observe(FreshSampleState{state.factors, state.samples, state.explained});
  };
  return interruptible([&](Interruption& interruption) {
    options.start.interrupted = [&interruption] { return interruption(); };
    return symmetric_cp_from_fresh_samples(fresh_samples(input, options.start.seed),
                                           input.torus().sites(), options, show);
  });
}

void define_fresh_samples(py::module_& m) {
  py::class_<FreshSampleState> state(m, "FreshSampleCpState",
                                     "Where a CP decomposition from fresh samples stands.");
  define_weight_and_vectors(state);
  state.def_readonly("samples", &FreshSampleState::samples, "Drawn so far.")
      .def_readonly("explained", &FreshSampleState::explained,
                    "Estimate of |kappa|^2 - |kappa - factors|^2 before the last batch, from it; "
                    "NaN before the first step.");
  define_record(state, {"factors", "samples", "explained"}, &FreshSampleState::factors,
                &FreshSampleState::samples, &FreshSampleState::explained);
  py::class_<FreshSampleCpFit> fit(m, "FreshSampleCpFit",
                                   "A symmetric CP decomposition from fresh samples.");
  define_weight_and_vectors(fit);
  fit.def_readonly("samples", &FreshSampleCpFit::samples, "Drawn.");
  define_record(fit, {"factors", "samples"}, &FreshSampleCpFit::factors,
                &FreshSampleCpFit::samples);
  m.def(
      "symmetric_cp_from_fresh_samples",
      [](const py::object& input, int rank, int starts, std::uint64_t seed, Eigen::Index first,
         Eigen::Index batch, int steps, double damping, const py::object& observe) {
        FreshSampleCpOptions options{
            .first = first, .batch = batch, .steps = steps, .damping = damping};
        options.start.rank = rank;
        options.start.starts = starts;
        options.start.seed = seed;
        return fit_fresh_samples(input_of(input), options, observe);
      },
      py::arg("input"), py::arg("rank") = 1, py::kw_only(), py::arg("starts") = 3,
      py::arg("seed") = 1, py::arg("first") = 8192, py::arg("batch") = 1024, py::arg("steps") = 100,
      py::arg("damping") = 1e-6, py::arg("observe") = py::none(),
      R"(Symmetric CP of an input's fourth cumulant from samples used once and forgotten (Eq. 42).

A fit to the `first` samples, then a Gauss-Newton step for every `batch` of fresh ones: the error
falls as that of a fit to all of them, in O(N (R + batch)) memory. observe(state) is called after
the first fit and every step, with a FreshSampleCpState. Ctrl-C raises KeyboardInterrupt.
)");
}

SubspacePowerFit fit_subspace(const CumulantTable& table, SubspacePowerOptions options) {
  return interruptible([&](Interruption& interruption) {
    options.interrupted = [&interruption] { return interruption(); };
    return subspace_power(SymmetricTensor(table), options);
  });
}

void define_subspace(py::module_& m) {
  py::class_<SubspacePowerFit> fit(m, "SubspacePowerFit",
                                   "A symmetric CP decomposition by the subspace power method.");
  define_weight_and_vectors(fit);
  fit.def_readonly("relative_error", &SubspacePowerFit::relative_error)
      .def_readonly("spectral_ratio", &SubspacePowerFit::spectral_ratio,
                    "|d_(R+1)| / |d_R| of the eigenvalues: 0 if the rank is R, 1 for no gap.")
      .def_readonly("least_objective", &SubspacePowerFit::least_objective,
                    "Over the factors: 1 if all their squares lie in the subspace.")
      .def_readonly("starts", &SubspacePowerFit::starts, "Taken in all; R, if none was spurious.");
  define_record(fit, {"factors", "relative_error", "spectral_ratio", "least_objective", "starts"},
                &SubspacePowerFit::factors, &SubspacePowerFit::relative_error,
                &SubspacePowerFit::spectral_ratio, &SubspacePowerFit::least_objective,
                &SubspacePowerFit::starts);
  m.def(
      "subspace_power",
      [](const CumulantTable& table, int rank, double threshold, int starts, double acceptance,
         int iterations, double tolerance, std::uint64_t seed) {
        return fit_subspace(table, {.rank = rank,
                                    .threshold = threshold,
                                    .starts = starts,
                                    .acceptance = acceptance,
                                    .iterations = iterations,
                                    .tolerance = tolerance,
                                    .seed = seed});
      },
      py::arg("table"), py::arg("rank") = 0, py::kw_only(), py::arg("threshold") = 1e-8,
      py::arg("starts") = 50, py::arg("acceptance") = 1e-6, py::arg("iterations") = 5000,
      py::arg("tolerance") = 1e-13, py::arg("seed") = 1,
      R"(Symmetric CP (Eq. 27) by the subspace power method of Kileel and Pereira.

Generic tensors of rank at most n (n - 1) / 2 are taken apart exactly. rank = 0 counts the
eigenvalues above `threshold` times the largest. O(N^6) for these, which Ctrl-C cannot interrupt.
)");
}

Ascent ascent_of(const std::string& name) {
  constexpr std::array<Choice<Ascent>, 2> choices{
      {{"maximum", Ascent::maximum}, {"minimum", Ascent::minimum}}};
  return chosen("ascent", name, choices);
}

// Returns f(form, options) for the form of a cumulant; Ctrl-C ends it through the options.
template <class F>
auto by_power(const py::object& cumulant, PowerOptions options, const F& f) {
  LatticeForm form(operator_of(cumulant));
  return interruptible([&](Interruption& interruption) {
    options.interrupted = [&interruption] { return interruption(); };
    return f(form, options);
  });
}

void define_power(py::module_& m) {
  py::class_<ZEigenpair> type(m, "ZEigenpair",
                              "kappa[x, x, x, .] = lambda x with |x| = 1 (Eq. 30).");
  type.def_readonly("value", &ZEigenpair::lambda, "lambda.")
      .def_readonly("vector", &ZEigenpair::vector, by_reference, "x, N.")
      .def_readonly("residual", &ZEigenpair::residual, "|kappa[x, x, x, .] - lambda x|.")
      .def_readonly("iterations", &ZEigenpair::iterations);
  define_record(type, {"value", "vector", "residual", "iterations"}, &ZEigenpair::lambda,
                &ZEigenpair::vector, &ZEigenpair::residual, &ZEigenpair::iterations);
  m.def(
      "z_eigenpair",
      [](const py::object& cumulant, const Eigen::VectorXd& start, const std::string& ascent,
         int iterations, double tolerance) {
        const Ascent to = ascent_of(ascent);
        return by_power(cumulant, {.iterations = iterations, .tolerance = tolerance},
                        [&](LatticeForm& form, const PowerOptions& options) {
                          return z_eigenpair(form, start, to, options);
                        });
      },
      py::arg("cumulant"), py::arg("start"), py::arg("ascent") = "maximum", py::kw_only(),
      py::arg("iterations") = 5000, py::arg("tolerance") = 1e-10,
      R"(The Z-eigenpair (Eq. 30) that the shifted power method climbs to from a start, N numbers.

ascent is "maximum" or "minimum" of kappa[x, x, x, x] on the sphere. Ctrl-C raises
KeyboardInterrupt.
)");
  m.def(
      "z_eigenpairs",
      [](const py::object& cumulant, int starts, std::uint64_t seed, double same, int iterations,
         double tolerance) {
        return by_power(cumulant, {.iterations = iterations, .tolerance = tolerance},
                        [&](LatticeForm& form, const PowerOptions& options) {
                          return z_eigenpairs(form, {starts, seed, same, options});
                        });
      },
      py::arg("cumulant"), py::kw_only(), py::arg("starts") = 20, py::arg("seed") = 1,
      py::arg("same") = 1e-4, py::arg("iterations") = 5000, py::arg("tolerance") = 1e-10,
      R"(A list of the distinct Z-eigenpairs that random starts climb to, by falling |lambda|.

So many starts for each of maximum and minimum; vectors closer than `same`, up to sign, count as
one. Every shift of an eigenvector is another one. Ctrl-C raises KeyboardInterrupt.
)");
}

}  // namespace

void define_tensor(py::module_& m) {
  define_factors(m);
  define_tiled(m);
  define_sampled_cumulants(m);
  define_symmetric(m);
  define_fresh_samples(m);
  define_subspace(m);
  define_power(m);
}

}  // namespace popflow::python
