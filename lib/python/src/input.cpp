#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <type_traits>

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
#include "values.hpp"

namespace popflow::python {

namespace {

// Methods of every input.
template <class Model>
void define_model(py::class_<Model>& model) {
  model.def_property_readonly("torus", &Model::torus)
      .def("covariance", &Model::covariance, by_reference,
           "E x_0 x_a over displacements a, N entries.")
      .def("spectrum", &Model::spectrum, by_reference,
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
  define_value(
      gaussian, {"torus", "covariance"},
      [](const GaussianField& x) { return py::make_tuple(x.torus(), x.covariance()); },
      [](const py::tuple& parts) {
        return GaussianField(parts[0].cast<Torus>(), parts[1].cast<Field>());
      });

  py::class_<NonlinearGaussianField> nonlinear(m, "NonlinearGaussianField",
                                               "The field x = erf(g z / sqrt 2) / Z(g) of a "
                                               "Gaussian field z of unit variance (Eq. 5, 8-10).");
  nonlinear
      .def(py::init<GaussianField, double>(), py::arg("latent"), py::arg("gain"),
           "Gain g > 0; infinity is x = sign z.")
      .def_property_readonly("latent", &NonlinearGaussianField::latent)
      .def_property_readonly("gain", &NonlinearGaussianField::gain);
  define_model(nonlinear);
  define_value(
      nonlinear, {"latent", "gain"},
      [](const NonlinearGaussianField& x) { return py::make_tuple(x.latent(), x.gain()); },
      [](const py::tuple& parts) {
        return NonlinearGaussianField(parts[0].cast<GaussianField>(), parts[1].cast<double>());
      });

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
  define_value(
      elliptical, {"gaussian", "kurtosis"},
      [](const EllipticalField& x) {
        return py::make_tuple(GaussianField(x.torus(), x.covariance()), x.kurtosis());
      },
      [](const py::tuple& parts) {
        return EllipticalField(parts[0].cast<GaussianField>(), parts[1].cast<double>());
      });
}

constexpr std::array<Choice<MarginalFamily>, 5> marginals{
    {{"uniform", MarginalFamily::uniform},
     {"laplace", MarginalFamily::laplace},
     {"generalised-normal", MarginalFamily::generalised_normal},
     {"beta", MarginalFamily::beta},
     {"student-t", MarginalFamily::student_t}}};

CopulaField copula_field(GaussianField latent, const std::string& marginal, double shape) {
  return CopulaField(std::move(latent), {chosen("marginal", marginal, marginals), shape});
}

std::string family_name(MarginalFamily family) {
  for (const auto& [name, value] : marginals)
    if (value == family) return std::string(name);
  throw std::invalid_argument("marginal: not one of the enumerators");
}

void define_copula(py::module_& m) {
  py::class_<CopulaField> copula(
      m, "CopulaField",
      "The field x = psi(z) of any symmetric marginal law, with the copula of z (Eq. 100-102).");
  copula.def(py::init(&copula_field), py::arg("latent"), py::arg("marginal"),
             py::arg("shape") = 1.0,
             "Marginal \"uniform\", \"laplace\", \"generalised-normal\", \"beta\" or "
             "\"student-t\";\nthe first two have no shape.");
  define_model(copula);
  define_value(
      copula, {"latent", "marginal", "shape"},
      [](const CopulaField& x) {
        return py::make_tuple(x.latent(), family_name(x.marginal().family), x.marginal().shape);
      },
      [](const py::tuple& parts) {
        return copula_field(parts[0].cast<GaussianField>(), parts[1].cast<std::string>(),
                            parts[2].cast<double>());
      });
}

void define_ising(py::module_& m) {
  py::class_<IsingRing> ising(
      m, "IsingRing", "Spins +-1 of the Ising model in equilibrium on a ring (Eq. 103-105).");
  ising
      .def(py::init<const Torus&, double>(), py::arg("torus"), py::arg("correlation_length"),
           "Correlation length of the infinite chain, in sites.")
      .def_property_readonly("correlation_length", &IsingRing::correlation_length);
  define_model(ising);
  define_value(
      ising, {"torus", "correlation_length"},
      [](const IsingRing& x) { return py::make_tuple(x.torus(), x.correlation_length()); },
      [](const py::tuple& parts) {
        return IsingRing(parts[0].cast<Torus>(), parts[1].cast<double>());
      });
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
  // The fields as they are drawn from: to scale them once more would change their last bits.
  define_value(
      empirical, {"torus", "samples", "autocorrelation_time"},
      [](const EmpiricalField& x) {
        return py::make_tuple(x.torus(), Weights(x.fields().transpose()), x.autocorrelation_time());
      },
      [](const py::tuple& parts) {
        return EmpiricalField::of_standardised(
            parts[0].cast<Torus>(), fields_of(parts[1], "samples"), parts[2].cast<double>());
      });
}

void define_phi4(py::module_& m) {
  py::class_<FieldChain> chain(m, "FieldChain",
                               "Fields of a Markov chain, and how independent they are (Eq. 112).");
  chain
      .def_property_readonly(
          "samples", [](const FieldChain& self) { return Weights(self.fields.transpose()); },
          "P x N; none where the chain is slow.")
      .def_readonly("autocorrelation_time", &FieldChain::autocorrelation_time)
      .def_readonly("autocorrelation_error", &FieldChain::autocorrelation_error)
      .def_readonly("sweeps_between", &FieldChain::sweeps_between)
      .def_readonly("sweeps_discarded", &FieldChain::sweeps_discarded)
      .def_readonly("sweep_time", &FieldChain::sweep_time)
      .def_readonly("slow", &FieldChain::slow);
  define_record(chain,
                {"fields", "autocorrelation_time", "autocorrelation_error", "sweeps_between",
                 "sweeps_discarded", "sweep_time", "slow"},
                &FieldChain::fields, &FieldChain::autocorrelation_time,
                &FieldChain::autocorrelation_error, &FieldChain::sweeps_between,
                &FieldChain::sweeps_discarded, &FieldChain::sweep_time, &FieldChain::slow);
  m.def(
      "phi4_chain",
      [](const Torus& torus, double hopping, double coupling, int samples, std::uint64_t seed) {
        return waited_for([&](const auto& interrupted) {
          return phi4_chain(torus, {hopping, coupling}, samples, seed, interrupted);
        });
      },
      py::arg("torus"), py::arg("hopping"), py::arg("coupling"), py::arg("samples"),
      py::arg("seed") = 1,
      "The lattice phi^4 field at points of a Markov chain (Eq. 108). Ctrl-C raises\n"
      "KeyboardInterrupt.");
}

// Any input, among them those written in Python.
void define_any(py::module_& m) {
  py::class_<BoundInput> any(m, "Input", R"(Any input, as a value.

Made from the other inputs, or from an object that is written in Python and has

    torus                a Torus
    covariance()         C(a) = E x_0 x_a over displacements, N entries
    spectrum()           of the covariance, half_modes entries; may be left out
    four_point(a, b, c)  E x_0 x_a x_b x_c, also where sites coincide
    sample(stream)       one field, N entries, drawn from a RandomStream

Such an object may be given wherever an input is asked for. The first three are asked for once.
The theory assumes of its law: the mean is 0, x and -x are equally likely, shifts and the point
reflection do not change the law, C(0) > 0, C(-a) = C(a), no mode of the spectrum is negative,
moments up to the eighth are finite, and moments and samples belong to the same law. The covariance
and its spectrum are checked at once (ValueError); check_input checks everything.
)");
  any.def(py::init(&bound_input), py::arg("input"))
      .def_property_readonly("is_gaussian",
                             [](const BoundInput& self) { return self.input.is_gaussian(); })
      .def(
          "covariance_error",
          [](const BoundInput& self, int a) {
            check_sites(self.torus(), {a});
            return self.input.covariance_error(a);
          },
          py::arg("a"), "Standard error of covariance()[a]; 0 of a closed form.")
      .def(
          "four_point_error",
          [](const BoundInput& self, int a, int b, int c) {
            check_sites(self.torus(), {a, b, c});
            return released([&] { return self.input.four_point_error(a, b, c); });
          },
          py::arg("a"), py::arg("b"), py::arg("c"),
          "Standard error of four_point(a, b, c); 0 of a closed form.");
  define_model(any);
  define_made(any, {"input", "experiment", "number"});
  any.def("__eq__", [](const BoundInput& self, const py::object& other) {
    return py::isinstance<BoundInput>(other) &&
           same_parts(self.made.from, other.cast<const BoundInput&>().made.from);
  });

  py::class_<BoundTaskClass> task_class(m, "TaskClass",
                                        "One class of a task, as (label, probability, input).");
  task_class
      .def(py::init([](double label, double probability, const py::object& input) {
             return BoundTaskClass{label, probability, bound_input(input)};
           }),
           py::arg("label"), py::arg("probability"), py::arg("input"))
      .def_readonly("label", &BoundTaskClass::label)
      .def_readonly("probability", &BoundTaskClass::probability)
      .def_readonly("input", &BoundTaskClass::input);
  define_record(task_class, {"label", "probability", "input"}, &BoundTaskClass::label,
                &BoundTaskClass::probability, &BoundTaskClass::input);
}

// The state of a stream: two words of its key, its index, and the number of blocks of four numbers
// that were taken.
using StreamWords = std::array<std::uint64_t, 4>;
static_assert(std::is_trivially_copyable_v<RandomStream>);

void check_count(const char* what, py::ssize_t count) {
  if (count < 0) throw std::invalid_argument(fmt::format("{} {}: must be at least 0", what, count));
}

// `size` numbers that fill(stream, out) writes. The stream moves on at once, so that another thread
// goes on behind them; they are written in pieces, of whole blocks, between which Ctrl-C is heard.
template <class Fill>
Eigen::VectorXd numbers_from(RandomStream& stream, py::ssize_t size, const Fill& fill) {
  check_count("size", size);
  RandomStream own = stream;
  auto words = std::bit_cast<StreamWords>(stream);
  words[3] += (static_cast<std::uint64_t>(size) + 3) / 4;
  stream = std::bit_cast<RandomStream>(words);
  constexpr Eigen::Index piece = 1 << 16;
  Eigen::VectorXd out(size);
  interruptible([&](Interruption& interruption) {
    for (Eigen::Index first = 0; first < size; first += piece) {
      interruption.check();
      fill(own, out.segment(first, std::min(piece, size - first)));
    }
    return true;
  });
  return out;
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
  py::class_<InputCheck> check_type(
      m, "InputCheck", "One property of an input, by the comparison that disagrees most.");
  check_type.def_readonly("name", &InputCheck::name, "Of the property: \"covariance\".")
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
  define_record(
      check_type,
      {"name", "where", "stated", "found", "standard_error", "deviation", "comparisons", "passed"},
      &InputCheck::name, &InputCheck::where, &InputCheck::stated, &InputCheck::found,
      &InputCheck::standard_error, &InputCheck::deviation, &InputCheck::comparisons,
      &InputCheck::passed);
  py::class_<InputReport> report_type(m, "InputReport",
                                      "What check_input found; str() is a table.");
  report_type.def_readonly("checks", &InputReport::checks, "A list of InputCheck.")
      .def_readonly("samples", &InputReport::samples)
      .def_readonly("threshold", &InputReport::threshold, "The largest deviation that passes.")
      .def_property_readonly("passed", &InputReport::passed)
      .def("__str__", [](const InputReport& report) { return text(report); })
      .def("__repr__", [](const InputReport& self) { return repr_of(self); });
  define_record(report_type, {"checks", "samples", "threshold"}, &InputReport::checks,
                &InputReport::samples, &InputReport::threshold);
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

It compares the mean, evenness (third moments), invariance under shifts, reflection, the covariance
at every displacement and the four-point function at 24 sets of displacements, in standard errors.
Without samples, it checks that the moments which the input states agree with each other. The
docstring of Input says what the theory assumes of a law. An input that is as it states is reported
with probability `false_alarms`.

    report = popflow.check_input(stripes)
    assert report.passed, report
)");
}

void define_stream(py::module_& m) {
  py::class_<RandomStream> stream(
      m, "RandomStream",
      R"(Random numbers of the stream (seed, purpose, run, index), by Philox4x64-10.

Purpose is "initial_weights", "training", "evaluation", "decomposition", "matching", "entries",
"shuffling", "tiling", "orbit" or "chain"; streams of different purpose are independent.
)");
  stream
      .def(py::init([](std::uint64_t seed, const std::string& purpose, std::uint64_t index,
                       std::uint32_t run) {
             return RandomStream(seed, purpose_of(purpose), index, run);
           }),
           py::arg("seed"), py::arg("purpose") = "evaluation", py::arg("index") = 0,
           py::arg("run") = 0)
      .def(
          "normal",
          [](RandomStream& self, py::ssize_t size) {
            return numbers_from(self, size,
                                [](RandomStream& from, auto out) { from.fill_normal(out); });
          },
          py::arg("size"), "`size` standard normal numbers. Ctrl-C raises KeyboardInterrupt.")
      .def(
          "uniform",
          [](RandomStream& self, py::ssize_t size) {
            return numbers_from(self, size,
                                [](RandomStream& from, auto out) { from.fill_uniform(out); });
          },
          py::arg("size"), "`size` numbers, uniform in (0, 1].");
  define_value(
      stream, {"seed", "run_and_purpose", "index", "blocks"},
      [](const RandomStream& self) {
        const auto words = std::bit_cast<StreamWords>(self);
        return py::make_tuple(words[0], words[1], words[2], words[3]);
      },
      [](const py::tuple& parts) {
        return std::bit_cast<RandomStream>(
            StreamWords{parts[0].cast<std::uint64_t>(), parts[1].cast<std::uint64_t>(),
                        parts[2].cast<std::uint64_t>(), parts[3].cast<std::uint64_t>()});
      });
}

// Every sample from a stream of its own, as everywhere in the library.
Weights draw(Input input, Eigen::Index count, const SampleKey& key, std::uint64_t first,
             Interruption& interruption) {
  Weights fields(count, input.torus().sites());
  Field field(fields.cols());
  for (Eigen::Index n = 0; n < count; ++n) {
    interruption.check();
    RandomStream stream(key.seed, key.purpose, first + static_cast<std::uint64_t>(n), key.run);
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
        check_count("count", count);
        const Input model = input_of(input);
        const SampleKey key{seed, purpose_of(purpose), run};
        return interruptible([&](Interruption& interruption) {
          return draw(model, count, key, first, interruption);
        });
      },
      py::arg("input"), py::arg("count"), py::arg("seed") = 1, py::arg("purpose") = "evaluation",
      py::arg("run") = 0, py::arg("first") = 0,
      "Independent samples of an input, count x N. Ctrl-C raises KeyboardInterrupt.");
}

}  // namespace popflow::python
