#include <fmt/core.h>

#include "popflow/input/check_input.hpp"
#include "popflow/input/copula_field.hpp"
#include "popflow/input/correlation.hpp"
#include "popflow/input/elliptical_field.hpp"
#include "popflow/input/empirical_field.hpp"
#include "popflow/input/gaussian_field.hpp"
#include "popflow/input/ising_ring.hpp"
#include "popflow/input/nonlinear_gaussian_field.hpp"
#include "popflow/input/phi4_chain.hpp"
#include "popflow/input/task.hpp"

#include "arguments.hpp"
#include "bindings.hpp"
#include "interruption.hpp"

namespace popflow::python {

namespace {

// What every input has.
template <class Model>
void define_model(py::class_<Model>& model) {
  model.def_property_readonly("torus", &Model::torus)
      .def("covariance", &Model::covariance, py::return_value_policy::reference_internal,
           "E x_0 x_a over displacements a, N entries.")
      .def("spectrum", &Model::spectrum, py::return_value_policy::reference_internal,
           "Of the covariance, half_modes real entries.")
      .def(
          "four_point",
          [](const Model& self, int a, int b, int c) {
            check_sites(self.torus(), {a, b, c});
            return released([&] { return self.four_point(a, b, c); });
          },
          py::arg("a"), py::arg("b"), py::arg("c"), "E x_0 x_a x_b x_c.")
      .def(
          "sample",
          [](Model& self, RandomStream& stream) {
            Field out(self.torus().sites());
            self.sample(stream, out);
            return out;
          },
          py::arg("stream"), "One field, N entries, from the next numbers of the stream.");
}

void define_gaussian(py::module_& m) {
  py::class_<GaussianField> gaussian(m, "GaussianField",
                                     "A translation-invariant Gaussian field z ~ N(0, C) (Eq. 4).");
  gaussian.def(py::init<const Torus&, Field>(), py::arg("torus"), py::arg("covariance"),
               "`covariance` over displacements, N entries, even.");
  define_model(gaussian);

  py::class_<NonlinearGaussianField> nonlinear(m, "NonlinearGaussianField",
                                               "The field x = erf(g z / sqrt 2) / Z(g) of a "
                                               "Gaussian field z of unit variance (Eq. 5, 8-10).");
  nonlinear
      .def(py::init<GaussianField, double>(), py::arg("latent"), py::arg("gain"),
           "Gain g > 0; infinity is x = sign z.")
      .def_property_readonly("latent", &NonlinearGaussianField::latent)
      .def_property_readonly("gain", &NonlinearGaussianField::gain);
  define_model(nonlinear);

  m.def(
      "gaussian_clone", [](const py::object& input) { return gaussian_clone(input_of(input)); },
      py::arg("input"),
      "The Gaussian field with the covariance of any input: the control in every experiment.");
}

void define_elliptical(py::module_& m) {
  py::class_<EllipticalField> elliptical(m, "EllipticalField",
                                         "The elliptical input x = r C^(1/2) n: the same excess "
                                         "kurtosis of every projection (Eq. 98).");
  elliptical
      .def(py::init<GaussianField, double>(), py::arg("gaussian"), py::arg("kurtosis"),
           "Kurtosis from -6 / (N + 2) up.")
      .def_property_readonly("kurtosis", &EllipticalField::kurtosis);
  define_model(elliptical);
}

MarginalFamily family_of(const std::string& name) {
  constexpr std::array<Choice<MarginalFamily>, 5> choices{
      {{"uniform", MarginalFamily::uniform},
       {"laplace", MarginalFamily::laplace},
       {"generalised-normal", MarginalFamily::generalised_normal},
       {"beta", MarginalFamily::beta},
       {"student-t", MarginalFamily::student_t}}};
  return chosen("marginal", name, choices);
}

void define_copula(py::module_& m) {
  py::class_<CopulaField> copula(
      m, "CopulaField",
      "The field x = psi(z) of any symmetric marginal law, with the copula of z (Eq. 100-102).");
  copula.def(
      py::init([](GaussianField latent, const std::string& marginal, double shape) {
        return CopulaField(std::move(latent), {family_of(marginal), shape});
      }),
      py::arg("latent"), py::arg("marginal"), py::arg("shape") = 1.0,
      "Marginal \"uniform\", \"laplace\", \"generalised-normal\", \"beta\" or \"student-t\".");
  define_model(copula);
}

void define_ising(py::module_& m) {
  py::class_<IsingRing> ising(
      m, "IsingRing", "Spins +-1 of the Ising model in equilibrium on a ring (Eq. 103-105).");
  ising
      .def(py::init<const Torus&, double>(), py::arg("torus"), py::arg("correlation_length"),
           "Correlation length of the infinite chain, in sites.")
      .def_property_readonly("correlation_length", &IsingRing::correlation_length);
  define_model(ising);
}

void define_empirical(py::module_& m) {
  py::class_<EmpiricalField> empirical(
      m, "EmpiricalField",
      "Given fields as a law, with all their shifts, reflections and signs (Eq. 106, 107).");
  empirical
      .def(py::init([](const Torus& torus, const py::object& samples, double tau) {
             const Eigen::MatrixXd columns = fields_of(samples, "samples");
             return released([&] { return EmpiricalField(torus, columns, tau); });
           }),
           py::arg("torus"), py::arg("samples"), py::arg("autocorrelation_time") = 0.5,
           "`samples` are P x N; they are centred and scaled. Standard errors are those of\n"
           "independent fields, or of a Markov chain's of this autocorrelation time (Eq. 112).")
      .def(
          "covariance_error",
          [](const EmpiricalField& self, int a) {
            check_sites(self.torus(), {a});
            return self.covariance_error(a);
          },
          py::arg("a"), "Standard error of E x_0 x_a.")
      .def(
          "four_point_error",
          [](const EmpiricalField& self, int a, int b, int c) {
            check_sites(self.torus(), {a, b, c});
            return self.four_point_error(a, b, c);
          },
          py::arg("a"), py::arg("b"), py::arg("c"), "Standard error of E x_0 x_a x_b x_c.");
  define_model(empirical);
}

void define_phi4(py::module_& m) {
  py::class_<FieldChain>(m, "FieldChain",
                         "Fields of a Markov chain, and how independent they are (Eq. 112).")
      .def_property_readonly(
          "samples", [](const FieldChain& self) { return Weights(self.fields.transpose()); },
          "P x N; none where the chain is slow.")
      .def_readonly("autocorrelation_time", &FieldChain::autocorrelation_time)
      .def_readonly("autocorrelation_error", &FieldChain::autocorrelation_error)
      .def_readonly("sweeps_between", &FieldChain::sweeps_between)
      .def_readonly("sweeps_discarded", &FieldChain::sweeps_discarded)
      .def_readonly("sweep_time", &FieldChain::sweep_time)
      .def_readonly("slow", &FieldChain::slow);
  m.def(
      "phi4_chain",
      [](const Torus& torus, double hopping, double coupling, int samples, std::uint64_t seed) {
        return released([&] { return phi4_chain(torus, {hopping, coupling}, samples, seed); });
      },
      py::arg("torus"), py::arg("hopping"), py::arg("coupling"), py::arg("samples"),
      py::arg("seed") = 1, "The lattice phi^4 field at points of a Markov chain (Eq. 108).");
}

// Any input, among them those written in Python.
void define_any(py::module_& m) {
  py::class_<Input> any(m, "Input", R"(Any input, as a value.

Made from the other inputs, or from an object that is written in Python and has

    torus                a Torus
    covariance()         C(a) = E x_0 x_a over displacements, N entries
    spectrum()           of the covariance, half_modes entries; may be left out
    four_point(a, b, c)  E x_0 x_a x_b x_c, also where sites coincide
    sample(stream)       one field, N entries, drawn from a RandomStream

Such an object may be given wherever an input is asked for. The first three are asked for once.
What the theory takes for granted of its law: the mean is 0, x and -x are as likely, shifts and the
point reflection leave the law as it is, C(0) > 0, C(-a) = C(a), no mode of the spectrum is negative,
moments up to the eighth are finite, and moments and samples belong to the same law. What can be
seen of the covariance and its spectrum is checked at once (ValueError); check_input checks all.
)");
  any.def(py::init(&input_of), py::arg("input"))
      .def_property_readonly("is_gaussian", &Input::is_gaussian)
      .def(
          "covariance_error",
          [](const Input& input, int a) {
            check_sites(input.torus(), {a});
            return input.covariance_error(a);
          },
          py::arg("a"), "Standard error of covariance()[a]; 0 of a closed form.")
      .def(
          "four_point_error",
          [](const Input& input, int a, int b, int c) {
            check_sites(input.torus(), {a, b, c});
            return released([&] { return input.four_point_error(a, b, c); });
          },
          py::arg("a"), py::arg("b"), py::arg("c"),
          "Standard error of four_point(a, b, c); 0 of a closed form.");
  define_model(any);

  py::class_<TaskClass>(m, "TaskClass", "One class of a task, as (label, probability, input).")
      .def(py::init([](double label, double probability, const py::object& input) {
             return TaskClass{label, probability, input_of(input)};
           }),
           py::arg("label"), py::arg("probability"), py::arg("input"))
      .def_readonly("label", &TaskClass::label)
      .def_readonly("probability", &TaskClass::probability)
      .def_readonly("input", &TaskClass::input);
}

std::string repr_of(const InputReport& report) {
  std::string disagreeing;
  for (const InputCheck& check : report.checks)
    if (!check.passed)
      disagreeing += fmt::format("{}{}", disagreeing.empty() ? "" : ", ", check.name);
  if (disagreeing.empty()) return fmt::format("<InputReport: passed, {} samples>", report.samples);
  return fmt::format("<InputReport: {} disagree{}, {} samples>", disagreeing,
                     disagreeing.find(',') == std::string::npos ? "s" : "", report.samples);
}

void define_check(py::module_& m) {
  py::class_<InputCheck>(m, "InputCheck",
                         "One property of an input, by the comparison that disagrees most.")
      .def_readonly("name", &InputCheck::name, "Of the property: \"covariance\".")
      .def_readonly("where", &InputCheck::where, "The comparison: \"displacement 3\".")
      .def_readonly("stated", &InputCheck::stated)
      .def_readonly("found", &InputCheck::found)
      .def_readonly("standard_error", &InputCheck::standard_error,
                    "Of found - stated; 0 where nothing was sampled.")
      .def_readonly("deviation", &InputCheck::deviation,
                    "found - stated in standard errors, corrected for skewness.")
      .def_readonly("comparisons", &InputCheck::comparisons)
      .def_readonly("passed", &InputCheck::passed)
      .def("__repr__", [](const InputCheck& check) {
        return fmt::format("<InputCheck {}: {}, {}, stated {:.6g}, found {:.6g}>", check.name,
                           check.passed ? "passed" : "disagrees", check.where, check.stated,
                           check.found);
      });
  py::class_<InputReport>(m, "InputReport", "What check_input found; str() is a table.")
      .def_readonly("checks", &InputReport::checks, "A list of InputCheck.")
      .def_readonly("samples", &InputReport::samples)
      .def_readonly("threshold", &InputReport::threshold, "The largest deviation that passes.")
      .def_property_readonly("passed", &InputReport::passed)
      .def("__str__", [](const InputReport& report) { return text(report); })
      .def("__repr__", &repr_of);
  m.def(
      "check_input",
      [](const py::object& input, std::int64_t samples, std::uint64_t seed, double false_alarms) {
        const Input model = input_of(input);
        return interruptible([&](Interruption& interruption) {
          return check_input(model, {samples, seed, false_alarms, [&] { return interruption(); }});
        });
      },
      py::arg("input"), py::arg("samples") = CheckOptions{}.samples,
      py::arg("seed") = CheckOptions{}.seed, py::arg("false_alarms") = CheckOptions{}.false_alarms,
      R"(Draws samples of an input and compares them with what it states; returns an InputReport.

Compared are the mean, evenness (third moments), invariance under shifts, reflection, the covariance
at every displacement and the four-point function at 24 sets of displacements, in standard errors;
and, without samples, what the input states with what else it states. Input says what is taken for
granted of a law. With probability `false_alarms` an input is reported that is as it states.

    report = popflow.check_input(stripes)
    assert report.passed, report
)");
}

void define_stream(py::module_& m) {
  py::class_<RandomStream>(
      m, "RandomStream",
      R"(Random numbers of the stream (seed, purpose, run, index), by Philox4x64-10.

Purpose is "initial_weights", "training", "evaluation", "decomposition", "matching", "entries",
"shuffling", "tiling", "orbit" or "chain"; streams of different purpose are independent.
)")
      .def(py::init([](std::uint64_t seed, const std::string& purpose, std::uint64_t index,
                       std::uint32_t run) {
             return RandomStream(seed, purpose_of(purpose), index, run);
           }),
           py::arg("seed"), py::arg("purpose") = "evaluation", py::arg("index") = 0,
           py::arg("run") = 0)
      .def(
          "normal",
          [](RandomStream& self, py::ssize_t size) {
            Eigen::VectorXd out(size);
            self.fill_normal(out);
            return out;
          },
          py::arg("size"), "`size` standard normal numbers.")
      .def(
          "uniform",
          [](RandomStream& self, py::ssize_t size) {
            Eigen::VectorXd out(size);
            self.fill_uniform(out);
            return out;
          },
          py::arg("size"), "`size` numbers, uniform in (0, 1].");
}

// Every sample from a stream of its own, as everywhere in the library.
Weights draw(Input input, Eigen::Index count, std::uint64_t seed, const std::string& purpose,
             std::uint32_t run, std::uint64_t first) {
  Weights fields(count, input.torus().sites());
  Field field(fields.cols());
  for (Eigen::Index n = 0; n < count; ++n) {
    RandomStream stream(seed, purpose_of(purpose), first + static_cast<std::uint64_t>(n), run);
    input.sample(stream, field);
    fields.row(n) = field;
  }
  return fields;
}

}  // namespace

void define_input(py::module_& m) {
  define_stream(m);
  define_gaussian(m);
  define_elliptical(m);
  define_copula(m);
  define_ising(m);
  define_empirical(m);
  define_phi4(m);
  define_any(m);
  define_check(m);
  m.def(
      "gaussian_correlation",
      [](const Torus& torus, double correlation_length, const std::string& wrapping) {
        constexpr std::array<Choice<Wrapping>, 2> choices{
            {{"periodised", Wrapping::periodised}, {"nearest", Wrapping::nearest}}};
        return gaussian_correlation(torus, correlation_length,
                                    chosen("wrapping", wrapping, choices));
      },
      py::arg("torus"), py::arg("correlation_length"), py::arg("wrapping") = "periodised",
      "exp(-a^2 / xi^2) over displacements a, made periodic (Eq. 3), N entries.");
  m.def("covariance_spectrum", &covariance_spectrum, py::arg("torus"), py::arg("covariance"),
        "S(q) = sum_a C(a) exp(-2 pi i q . a / L), half_modes real entries.");
  m.def(
      "draw",
      [](const py::object& input, py::ssize_t count, std::uint64_t seed, const std::string& purpose,
         std::uint32_t run, std::uint64_t first) {
        Input model = input_of(input);
        return released([&] { return draw(std::move(model), count, seed, purpose, run, first); });
      },
      py::arg("input"), py::arg("count"), py::arg("seed") = 1, py::arg("purpose") = "evaluation",
      py::arg("run") = 0, py::arg("first") = 0, "Independent samples of an input, count x N.");
}

}  // namespace popflow::python
