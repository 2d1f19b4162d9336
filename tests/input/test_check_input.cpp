// check_input, for inputs that are as they state and for others.

#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/input/check_input.hpp"
#include "popflow/input/copula_field.hpp"
#include "popflow/input/correlation.hpp"
#include "popflow/input/elliptical_field.hpp"
#include "popflow/input/empirical_field.hpp"
#include "popflow/input/ising_ring.hpp"
#include "popflow/input/phi4_chain.hpp"

#include "reference_inputs.hpp"
#include "statistics.hpp"

BOOST_AUTO_TEST_SUITE(input_check)

using namespace popflow;
using namespace popflow::test;

namespace {

// The non-linear Gaussian field on a ring of 12, with one thing changed at a time.
struct Changed {
  NonlinearGaussianField model = nlgp({12}, 3.0, 2.0);
  std::function<Field(Field)> covariance_change = [](Field c) { return c; };
  std::function<double(double)> four_point_change = [](double value) { return value; };
  std::function<void(RandomStream&, Eigen::Ref<Field>)> sample_change = [](RandomStream&,
                                                                           Eigen::Ref<Field>) {};

  const Torus& torus() const { return model.torus(); }
  Field covariance() const { return covariance_change(model.covariance()); }
  Field spectrum() const { return covariance_spectrum(torus(), covariance()); }
  double four_point(int a, int b, int c) const {
    return four_point_change(model.four_point(a, b, c));
  }
  void sample(RandomStream& stream, Eigen::Ref<Field> out) {
    model.sample(stream, out);
    sample_change(stream, out);
  }
};

struct SaysItIsGaussian : Changed {
  static constexpr bool is_gaussian = true;
};

// The names of the properties that disagree.
std::vector<std::string> disagreeing(const InputReport& report) {
  std::vector<std::string> names;
  for (const InputCheck& check : report.checks)
    if (!check.passed) names.push_back(check.name);
  return names;
}

void check_names(const Input& input, const std::vector<std::string>& names) {
  const InputReport report = check_input(input, {.samples = 4000});
  BOOST_TEST(disagreeing(report) == names, boost::test_tools::per_element());
  BOOST_TEST(report.passed() == names.empty());
  BOOST_TEST_MESSAGE(text(report));
}

// The message of the error that making an Input throws.
std::string refusal(const Changed& model) {
  try {
    const Input input = model;
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

Changed with_covariance(const std::function<Field(Field)>& change) {
  Changed model;
  model.covariance_change = change;
  return model;
}

Changed with_sample(const std::function<void(RandomStream&, Eigen::Ref<Field>)>& change) {
  Changed model;
  model.sample_change = change;
  return model;
}

}  // namespace

// With another seed, each report has a false alarm with the probability 1e-3. Laws with tails reach
// this rate only with many samples, so that sanitizers do not reduce theirs.
BOOST_AUTO_TEST_CASE(every_model_of_the_library_passes) {
  const Torus ring({16}), torus({4, 6});
  const GaussianField smooth(ring, gaussian_correlation(ring, 3.0));
  const GaussianField flat(torus, gaussian_correlation(torus, 1.5));
  const FieldChain chain = phi4_chain(ring, {0.2, 1.0}, 500, 3);
  std::vector<std::pair<std::string, Input>> inputs{
      {"gaussian", smooth},
      {"gaussian, torus", flat},
      {"nlgp, gain 0.3", NonlinearGaussianField(smooth, 0.3)},
      {"nlgp, gain 3", NonlinearGaussianField(smooth, 3.0)},
      {"nlgp, torus", NonlinearGaussianField(flat, 3.0)},
      {"signs", NonlinearGaussianField(smooth, std::numeric_limits<double>::infinity())},
      {"elliptical, -0.2", EllipticalField(smooth, -0.2)},
      {"elliptical, 1", EllipticalField(smooth, 1.0)},
      {"uniform", CopulaField(smooth, {MarginalFamily::uniform, 1.0})},
      {"laplace", CopulaField(smooth, {MarginalFamily::laplace, 1.0})},
      {"normal(1.5)", CopulaField(smooth, {MarginalFamily::generalised_normal, 1.5})},
      {"beta(0.5)", CopulaField(smooth, {MarginalFamily::beta, 0.5})},
      {"student(12)", CopulaField(smooth, {MarginalFamily::student_t, 12.0})},
      {"ising", IsingRing(ring, 3.0)},
      {"phi4", EmpiricalField(ring, chain.fields, chain.autocorrelation_time)},
      {"three fields", EmpiricalField(torus, Eigen::MatrixXd::Random(24, 3))},
      {"one field", EmpiricalField(ring, Eigen::MatrixXd::Random(16, 1))}};
  for (const auto& [name, input] : inputs) {
    const bool tails = name == "laplace" || name == "normal(1.5)" || name == "student(12)";
    const int samples = tails ? 10'000 : sample_count(10'000);
    const InputReport report = check_input(input, {.samples = samples});
    BOOST_TEST(report.passed(), name << "\n" << text(report));
  }
}

BOOST_AUTO_TEST_CASE(an_input_as_it_states_passes_and_says_what_it_compared) {
  const InputReport report = check_input(Changed{}, {.samples = 1000});
  BOOST_TEST(report.passed());
  BOOST_TEST(report.samples == 1000);
  // About a hundred comparisons, with a false alarm of 1e-3 in all: the normal quantile of 1e-5
  // / 2.
  BOOST_TEST(report.threshold > 4.2);
  BOOST_TEST(report.threshold < 5.0);
  std::vector<std::string> names;
  for (const InputCheck& check : report.checks) names.push_back(check.name);
  const std::vector<std::string> expected{"finite",
                                          "mean",
                                          "evenness",
                                          "invariance",
                                          "reflection",
                                          "covariance",
                                          "four-point function",
                                          "spectrum",
                                          "symmetry"};
  BOOST_TEST(names == expected, boost::test_tools::per_element());
  BOOST_TEST(report.checks[5].comparisons == 7);  // displacements 0 to 6 of a ring of 12
  const std::string table = text(report);
  BOOST_TEST(table.find("passed: 1000 samples") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_covariance_that_no_law_has_is_refused_with_the_displacement) {
  const auto changed = [](int at, double value) {
    return with_covariance([=](Field c) {
      c[at] = value;
      return c;
    });
  };
  BOOST_TEST(refusal(Changed{}) == "");
  BOOST_TEST(refusal(changed(3, 0.4))
                 .find("covariance at displacement 3 is 0.4 and at its opposite 9 it is") !=
             std::string::npos);
  BOOST_TEST(refusal(changed(2, std::nan(""))).find("covariance[2] is nan") != std::string::npos);
  BOOST_TEST(refusal(changed(0, -1.0)).find("displacement 0 is -1: must be positive") !=
             std::string::npos);
  BOOST_TEST(refusal(with_covariance([](Field c) { return Field(-c); })).find("must be positive") !=
             std::string::npos);
  BOOST_TEST(refusal(changed(0, 0.5)).find("must be largest at 0") != std::string::npos);
  BOOST_TEST(refusal(with_covariance([](const Field& c) {
               return Field(c.head(11));
             })).find("covariance of 11 entries: must have 12") != std::string::npos);
  // Even and largest at 0, and yet not that of a law.
  BOOST_TEST(refusal(with_covariance([](Field c) {
               for (const int a : {1, 11}) c[a] = 0.9;
               for (const int a : {2, 3, 9, 10}) c[a] = -0.9;
               return c;
             })).find("must not be negative") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_spectrum_that_is_not_the_covariances_is_refused) {
  struct OtherSpectrum : Changed {
    double factor = 2.0;
    int size = 7;
    Field spectrum() const {
      Field s = factor * Changed::spectrum();
      return s.head(size);
    }
  };
  OtherSpectrum twice, shorter;
  shorter.factor = 1.0;
  shorter.size = 6;
  BOOST_CHECK_EXCEPTION((Input(twice)), std::invalid_argument, [](const auto& error) {
    return std::string(error.what()).find("spectrum at mode 0") != std::string::npos;
  });
  BOOST_CHECK_EXCEPTION((Input(shorter)), std::invalid_argument, [](const auto& error) {
    return std::string(error.what()).find("spectrum of 6 entries: must have 7") !=
           std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(a_covariance_of_another_size_than_the_samples_is_named) {
  // Its four-point function goes with it.
  Changed model = with_covariance([](const Field& c) { return Field(3.0 * c); });
  model.four_point_change = [](double value) { return 9.0 * value; };
  check_names(model, {"covariance", "four-point function"});
  check_names(with_covariance([](const Field& c) { return Field(3.0 * c); }), {"covariance"});
}

BOOST_AUTO_TEST_CASE(a_four_point_function_of_zeros_is_named) {
  Changed model;
  model.four_point_change = [](double) { return 0.0; };
  check_names(model, {"four-point function"});
}

BOOST_AUTO_TEST_CASE(a_mean_is_named) {
  const InputReport report =
      check_input(with_sample([](RandomStream&, Eigen::Ref<Field> out) { out.array() += 2.0; }),
                  {.samples = 4000});
  BOOST_TEST(disagreeing(report).front() == "mean");
  BOOST_TEST(report.checks[1].found == 2.0, boost::test_tools::tolerance(0.1));
}

// x^2 - 1 of a field of signs and normal numbers: centred, invariant, and skew.
BOOST_AUTO_TEST_CASE(a_law_that_is_not_even_is_named) {
  const Changed skew = with_sample([](RandomStream& stream, Eigen::Ref<Field> out) {
    Eigen::VectorXd normal(out.size());
    stream.fill_normal(normal);
    out = (normal.array().square() - 1.0) / std::sqrt(2.0);
  });
  const std::vector<std::string> names = disagreeing(check_input(skew, {.samples = 4000}));
  BOOST_TEST(names.front() == "evenness");
}

BOOST_AUTO_TEST_CASE(a_law_that_is_not_invariant_is_named) {
  // The variance varies from place to place; its average is as stated.
  const Changed uneven = with_sample([](RandomStream&, Eigen::Ref<Field> out) {
    for (int i = 0; i < 12; ++i) out[i] *= std::sqrt(i % 2 == 0 ? 1.2 : 0.8);
  });
  BOOST_TEST(disagreeing(check_input(uneven, {.samples = 4000})).front() == "invariance");
  // All variances are the same, and the correlations are not: sites 0 to 5 change sign together.
  const Changed torn = with_sample([](RandomStream& stream, Eigen::Ref<Field> out) {
    if (stream.uniform() < 0.5) out.head(6) *= -1.0;
  });
  BOOST_TEST(disagreeing(check_input(torn, {.samples = 4000})).front() == "invariance");
}

// One pattern at all places, without its mirror image.
BOOST_AUTO_TEST_CASE(a_law_that_is_not_symmetric_under_reflection_is_named) {
  const Changed turned = with_sample([](RandomStream& stream, Eigen::Ref<Field> out) {
    const double sign = stream.uniform() < 0.5 ? -1.0 : 1.0;
    const int place = static_cast<int>(stream.uniform() * 12.0) % 12;
    out.setZero();
    for (const auto& [at, value] : {std::pair{0, 3.0}, {1, 2.0}, {2, 1.0}, {4, 1.0}})
      out[(place + at) % 12] = sign * value;
  });
  const std::vector<std::string> names = disagreeing(check_input(turned, {.samples = 4000}));
  BOOST_TEST(names.front() == "reflection");
}

BOOST_AUTO_TEST_CASE(samples_that_are_not_finite_are_named) {
  const Changed rarely = with_sample([](RandomStream& stream, Eigen::Ref<Field> out) {
    if (stream.uniform() < 0.01) out[3] = std::nan("");
  });
  check_names(rarely, {"finite"});
}

BOOST_AUTO_TEST_CASE(what_a_model_says_of_itself_is_compared_with_its_moments) {
  check_names(SaysItIsGaussian{}, {"Gaussian"});
  struct SaysHowItIsMade : Changed {
    PointwiseField pointwise() const { return {model.latent().covariance(), gain}; }
    double gain = 3.0;
  };
  SaysHowItIsMade steeper;
  steeper.gain = 5.0;
  check_names(SaysHowItIsMade{}, {});
  check_names(steeper, {"pointwise"});
}

// Samples side by side are another function of a model, which training uses.
BOOST_AUTO_TEST_CASE(samples_side_by_side_are_checked_too) {
  struct OtherLanes : Changed {
    void sample_lanes(const SampleKey&, LaneIndices, LaneView<float> out) { out.setZero(); }
    void sample_lanes(const SampleKey&, LaneIndices, LaneView<double> out) { out.setZero(); }
  };
  check_names(OtherLanes{}, {"covariance", "four-point function"});
}

BOOST_AUTO_TEST_CASE(stated_standard_errors_are_allowed_for) {
  struct Estimated : Changed {
    double covariance_error(int) const { return 0.02; }
  };
  Estimated estimated;
  estimated.covariance_change = [](const Field& c) { return Field(1.05 * c); };
  check_names(estimated, {});
  Changed exact;
  exact.covariance_change = estimated.covariance_change;
  check_names(exact, {"covariance"});
}

// At the stated rate there are 20 alarms, with a standard deviation of 4.4. Fourth powers of
// Laplace's law on four sites are so skew that 1000 samples have more than twice as many (48).
BOOST_AUTO_TEST_CASE(false_alarms_are_as_rare_as_stated, *boost::unit_test::label("statistics")) {
  const Torus ring({4});
  const GaussianField latent(ring, gaussian_correlation(ring, 1.0));
  const auto alarms = [](const Input& input) {
    int count = 0;
    for (std::uint64_t seed = 0; seed < 400; ++seed)
      if (!check_input(input, {.samples = 1000, .seed = seed, .false_alarms = 0.05}).passed())
        ++count;
    return count;
  };
  BOOST_TEST(alarms(latent) <= 38);
  BOOST_TEST(alarms(CopulaField(latent, {MarginalFamily::laplace, 1.0})) <= 80);
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_report) {
  const Changed model;
  const auto found = [&](std::uint64_t seed) {
    return check_input(model, {.samples = 200, .seed = seed}).checks[5].found;
  };
  BOOST_TEST(found(1) == found(1));
  BOOST_TEST(found(1) != found(2));
}

BOOST_AUTO_TEST_CASE(an_interrupted_report_is_of_the_samples_drawn) {
  int asked = 0;
  const InputReport report =
      check_input(Changed{}, {.samples = 10'000, .interrupted = [&] { return ++asked == 10; }});
  BOOST_TEST(report.samples == 160);
  BOOST_TEST(report.passed());
}

BOOST_AUTO_TEST_CASE(options_out_of_range_are_refused) {
  BOOST_CHECK_THROW(check_input(Changed{}, {.samples = 99}), std::invalid_argument);
  BOOST_CHECK_THROW(check_input(Changed{}, {.false_alarms = 0.0}), std::invalid_argument);
  BOOST_CHECK_THROW(check_input(Changed{}, {.false_alarms = 1.0}), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
