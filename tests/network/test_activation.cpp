#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <variant>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/network/activation.hpp"

#include "exact_arithmetic.hpp"

BOOST_AUTO_TEST_SUITE(activation)

using namespace popflow;
using namespace popflow::test;

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

// Derivatives are polynomials, of coefficients up to 120 for x of order one, in numbers known to
// an epsilon, summed in a handful of operations: twice the largest coefficient.
constexpr double rounding = 240 * epsilon;

struct NamedActivation {
  std::string name;
  Activation activation;
};

std::vector<NamedActivation> activations() {
  return {{"erf", Erf{}},
          {"tanh", Tanh{}},
          {"logistic", Logistic{}},
          {"polynomial", Polynomial{{0.5, -0.25, 0.1, 0.03, -0.02, 0.01, 0.002}}},
          {"relu", Relu{}}};
}

std::vector<double> points() {
  std::vector<double> x;
  // Not 0, where relu has no derivative.
  for (int k = -20; k <= 20; ++k) x.push_back(0.15 * k + 0.01);
  return x;
}

double value(const Activation& activation, double x) {
  return std::visit([x](const auto& sigma) { return sigma(x); }, activation);
}

double slope(const Activation& activation, double x) {
  return std::visit([x](const auto& sigma) { return sigma.slope(x); }, activation);
}

}  // namespace

static_assert(ActivationFunction<Erf> && ActivationFunction<Tanh> && ActivationFunction<Logistic> &&
              ActivationFunction<Polynomial> && ActivationFunction<Relu>);

BOOST_AUTO_TEST_CASE(derivatives_are_finite_differences_of_the_definition) {
  for (const auto& [name, activation] : activations())
    for (const double x : points()) {
      const Derivatives s = derivatives(activation, x);
      for (int n = 0; n < 6; ++n) {
        const auto sigma = [&a = activation](const Number& y) { return exact(a, y); };
        const double expected = derivative(sigma, x, n);
        BOOST_TEST(std::abs(s[n] - expected) <= rounding, name << " derivative " << n << " at " << x
                                                               << ": " << s[n] << ", expected "
                                                               << expected);
      }
    }
}

BOOST_AUTO_TEST_CASE(value_and_slope_are_the_first_two_derivatives) {
  for (const auto& [name, activation] : activations())
    for (const double x : points()) {
      const Derivatives s = derivatives(activation, x);
      BOOST_TEST(std::abs(value(activation, x) - s[0]) <= epsilon, name << " at " << x);
      BOOST_TEST(std::abs(slope(activation, x) - s[1]) <= epsilon, name << " at " << x);
    }
}

BOOST_AUTO_TEST_CASE(saturating_activations_are_flat_far_out) {
  constexpr double far = 1e3;
  for (const auto& [name, low, activation] :
       {std::tuple<std::string, double, Activation>{"erf", -1.0, Erf{}},
        {"tanh", -1.0, Tanh{}},
        {"logistic", 0.0, Logistic{}}})
    for (const double x : {-far, far}) {
      const Derivatives s = derivatives(activation, x);
      BOOST_TEST(s[0] == (x > 0.0 ? 1.0 : low), name << " at " << x);
      for (int n = 1; n < 6; ++n) BOOST_TEST(s[n] == 0.0, name << " derivative " << n);
    }
}

BOOST_AUTO_TEST_CASE(erf_covers_the_probability_within_x_standard_deviations) {
  BOOST_TEST(Erf{}(0.0) == 0.0);
  BOOST_TEST(std::abs(Erf{}(1.0) - 0.682689492137085897) <= epsilon);
  BOOST_TEST(std::abs(Erf{}(2.0) - 0.954499736103641586) <= epsilon);
  BOOST_TEST(std::abs(Erf{}(3.0) - 0.997300203936739810) <= epsilon);
}

BOOST_AUTO_TEST_CASE(erf_derivatives_at_the_origin_are_hermite_numbers) {
  // sigma^(n+1)(0) = 2 (-1)^n He_n(0) n(0), with He_n(0) = 1, 0, -1, 0, 3.
  const double twice_peak = std::sqrt(2.0 / std::numbers::pi);
  const Derivatives expected{0.0, twice_peak, 0.0, -twice_peak, 0.0, 3.0 * twice_peak};
  const Derivatives s = Erf{}.derivatives(0.0);
  for (int n = 0; n < 6; ++n) BOOST_TEST(std::abs(s[n] - expected[n]) <= 4 * epsilon, n);
}

BOOST_AUTO_TEST_CASE(erf_derivatives_vanish_at_the_zeros_of_hermite_polynomials) {
  const double root6 = std::sqrt(6.0);
  BOOST_TEST(std::abs(Erf{}.derivatives(1.0)[3]) <= rounding);                     // He_2
  BOOST_TEST(std::abs(Erf{}.derivatives(std::numbers::sqrt3)[4]) <= rounding);     // He_3
  BOOST_TEST(std::abs(Erf{}.derivatives(std::sqrt(3.0 - root6))[5]) <= rounding);  // He_4
  BOOST_TEST(std::abs(Erf{}.derivatives(std::sqrt(3.0 + root6))[5]) <= rounding);
}

BOOST_AUTO_TEST_CASE(erf_and_tanh_are_odd) {
  for (const auto& [name, activation] :
       {std::pair<std::string, Activation>{"erf", Erf{}}, {"tanh", Tanh{}}})
    for (const double x : points()) {
      const Derivatives s = derivatives(activation, x), mirrored = derivatives(activation, -x);
      for (int n = 0; n < 6; ++n)
        BOOST_TEST(mirrored[n] == (n % 2 == 0 ? -s[n] : s[n]), name << " derivative " << n);
    }
}

BOOST_AUTO_TEST_CASE(logistic_is_half_of_one_plus_tanh_of_half) {
  for (const double x : points()) {
    const Derivatives s = Logistic{}.derivatives(x), t = Tanh{}.derivatives(0.5 * x);
    BOOST_TEST(std::abs(s[0] - 0.5 * (1.0 + t[0])) <= epsilon);
    for (int n = 1; n < 6; ++n)
      BOOST_TEST(std::abs(s[n] - t[n] * std::pow(0.5, n + 1)) <= epsilon, "derivative " << n);
  }
}

// Integers of this size are exact in double, so nothing may differ.
BOOST_AUTO_TEST_CASE(polynomial_is_exact_for_small_integers) {
  const Polynomial sigma{{3, -1, 4, 1, -5, 9, 2}};
  const double x = -2;
  BOOST_TEST(sigma(x) == 3 + 2 + 16 - 8 - 80 - 288 + 128);
  BOOST_TEST(sigma.slope(x) == -1 - 16 + 12 + 160 + 720 - 384);
  const Derivatives expected{
      sigma(x),           sigma.slope(x), 8 - 12 - 240 - 1440 + 960, 6 + 240 + 2160 - 1920,
      -120 - 2160 + 2880, 1080 - 2880};
  const Derivatives s = sigma.derivatives(x);
  for (int n = 0; n < 6; ++n) BOOST_TEST(s[n] == expected[n], "derivative " << n);
}

BOOST_AUTO_TEST_CASE(polynomial_of_low_degree_has_vanishing_high_derivatives) {
  const auto is = [](const Polynomial& sigma, const Derivatives& expected) {
    return sigma.derivatives(1.5) == expected && sigma(1.5) == expected[0];
  };
  BOOST_TEST(is({{}}, {0, 0, 0, 0, 0, 0}));
  BOOST_TEST(is({{7.0}}, {7.0, 0, 0, 0, 0, 0}));
  BOOST_TEST(is({{1.0, 2.0}}, {4.0, 2.0, 0, 0, 0, 0}));
  BOOST_TEST(is({{0.0, 0.0, 1.0}}, {2.25, 3.0, 2.0, 0, 0, 0}));
}

BOOST_AUTO_TEST_CASE(named_polynomials_are_what_they_say) {
  for (const double x : points()) {
    BOOST_TEST(linear()(x) == x);
    BOOST_TEST(std::abs(cubic()(x) - (x - x * x * x / 3.0)) <= rounding);
  }
  const Derivatives erf = Erf{}.derivatives(0.0), series = erf_series().derivatives(0.0);
  for (std::size_t n = 0; n < 5; ++n) BOOST_TEST(std::abs(series[n] - erf[n]) <= epsilon);
  BOOST_TEST(series[5] == 0.0);
}

BOOST_AUTO_TEST_SUITE_END()
