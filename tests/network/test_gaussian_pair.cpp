#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <fmt/core.h>

#include "popflow/network/gaussian_pair.hpp"

#include "allocation_precondition.hpp"
#include "pair_quadrature.hpp"
#include "statistics.hpp"

BOOST_AUTO_TEST_SUITE(gaussian_pair)

using namespace popflow;
using namespace popflow::test;

namespace {

// The error that the closed forms may have, in units of 1 + |exact|.
constexpr double closed_form = 1e-10;

struct PairCase {
  double Q_k, Q_l, q, b_k, b_l;

  PreActivation k() const { return {Q_k, b_k}; }
  PreActivation l() const { return {Q_l, b_l}; }
  std::string text() const {
    return fmt::format("Q_k = {}, Q_l = {}, q = {}, b = {}, {}", Q_k, Q_l, q, b_k, b_l);
  }
};

// Random variances from 1e-12 to 1e4, with a share of ordinary ones; correlations of every size and
// to within 1e-15 of 1; biases of every size up to 30, and 0.
std::vector<PairCase> pair_cases(int count, std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  std::uniform_real_distribution<double> uniform(-1.0, 1.0);
  const auto u = [&] { return uniform(generator); };
  const auto variance = [&](int n) { return std::pow(10.0, n % 2 ? u() : -4.0 + 8.0 * u()); };
  const auto bias = [&](int n) { return n % 5 == 0 ? 0.0 : (n % 3 ? 2.0 : 30.0) * u(); };
  std::vector<PairCase> cases;
  for (int n = 0; n < count; ++n) {
    PairCase c{variance(n), variance(n), 0.0, bias(n), bias(n / 2)};
    double rho = u();
    if (n % 4 == 1) rho = std::copysign(1.0 - std::pow(10.0, -8.5 + 6.5 * u()), u());
    if (n % 4 == 2) rho = std::pow(10.0, -8.0 + 4.0 * u());
    if (n % 8 == 1) {  // alike, as neurons that have learnt the same
      const double apart = std::sqrt(1.0 - std::abs(rho));
      c.Q_l = c.Q_k * (1.0 + apart * u());
      c.b_l = std::copysign(c.b_k, rho * c.b_k) * (1.0 + apart * u());
    }
    if (n % 16 == 3) rho = 0.0;
    c.q = rho * std::sqrt(c.Q_k) * std::sqrt(c.Q_l);
    cases.push_back(c);
  }
  return cases;
}

using SevenDerivatives = std::array<double, 7>;

// By the recursion of the Hermite polynomials.
SevenDerivatives erf_derivatives(double x) {
  const double s1 = std::sqrt(2.0 / std::numbers::pi) * std::exp(-0.5 * x * x);
  SevenDerivatives s{std::erf(x / std::numbers::sqrt2), s1, -x * s1};
  for (std::size_t m = 3; m < 7; ++m) s[m] = -x * s[m - 1] - static_cast<double>(m - 2) * s[m - 2];
  return s;
}

SevenDerivatives polynomial_derivatives(const Polynomial& sigma, double x) {
  SevenDerivatives s{};
  const Derivatives first = sigma.derivatives(x);
  std::copy(first.begin(), first.end(), s.begin());
  double sixth = 0.0, power = 1.0;
  for (std::size_t n = 6; n < sigma.coefficients.size(); ++n, power *= x) {
    const double m = static_cast<double>(n);
    sixth += sigma.coefficients[n] * power * m * (m - 1) * (m - 2) * (m - 3) * (m - 4) * (m - 5);
  }
  s[6] = sixth;
  return s;
}

// By quadrature over both variables.
template <class Sigma>
PairAverages by_quadrature(const PairCase& c, double width, int order, const Sigma& derivatives) {
  PairAverages A;
  for_pair_nodes(
      {c.Q_k, c.Q_l, c.q, c.b_k, c.b_l}, width, [&](double weight, double x_k, double x_l) {
        const auto s_k = derivatives(x_k), s_l = derivatives(x_l);
        for (int m = 0; m <= order; ++m)
          for (int n = 0; m + n <= order; ++n)
            A(m, n) += weight * s_k[static_cast<std::size_t>(m)] * s_l[static_cast<std::size_t>(n)];
      });
  return A;
}

void check_table(const PairAverages& found, const PairAverages& exact, int order,
                 const std::string& where) {
  for (int m = 0; m <= order; ++m)
    for (int n = 0; m + n <= order; ++n)
      BOOST_TEST(std::abs(found(m, n) - exact(m, n)) <= closed_form * (1.0 + std::abs(exact(m, n))),
                 "A(" << m << ", " << n << ") = " << found(m, n) << ", exact " << exact(m, n)
                      << ": " << where);
}

struct NamedSigma {
  std::string name;
  Activation activation;
  int order;
};

const std::vector<NamedSigma> sigmas{
    {"erf", Erf{}, 6}, {"relu", Relu{}, 2}, {"cubic", Polynomial{{0.2, 0.7, -0.3, 0.1}}, 6}};

PairAverages averages(const NamedSigma& sigma, const PairCase& c) {
  GaussianPair pair(sigma.activation, sigma.order);
  PairAverages A;
  pair(c.k(), c.l(), c.q, A);
  return A;
}

SingleAverages averages(const NamedSigma& sigma, const PreActivation& k) {
  GaussianPair pair(sigma.activation, sigma.order);
  SingleAverages a{};
  pair(k, a);
  return a;
}

// The derivative of f at 0, by the central difference of fourth order.
template <class F>
double derivative(const F& f, double step) {
  return (8.0 * (f(step) - f(-step)) - (f(2.0 * step) - f(-2.0 * step))) / (12.0 * step);
}

// Ordinary cases, in which differences are accurate to 1e-9: those of step 1e-3 have an error of
// 1e-12 / 30 fifth derivatives and of rounding, 1e-16 / 1e-3.
std::vector<PairCase> ordinary_cases() {
  return {{1.3, 0.7, 0.4, -1.0, 0.6}, {2.0, 3.1, -1.9, 0.8, 1.2}, {0.9, 0.8, 0.7, 0.3, -0.4}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(erf_is_the_integral_over_both_variables) {
  for (const PairCase& c : pair_cases(sample_count(400), 1))
    check_table(averages(sigmas[0], c), by_quadrature(c, 1.0, 6, erf_derivatives), 6, c.text());
}

// The delta function of A(2, 0) leaves an integral over one variable.
BOOST_AUTO_TEST_CASE(relu_is_the_integral_over_both_variables) {
  const auto values = [](double x) {
    return SevenDerivatives{x > 0.0 ? x : 0.0, x > 0.0 ? 1.0 : 0.0};
  };
  const auto at_kink = [](const PairCase& c) {
    const NormalPair pair(c.Q_k, c.Q_l, c.q, c.b_k, c.b_l);
    const double t = -pair.b_k / pair.deviation, mean = pair.slope * t + pair.b_l;
    const double density =
        std::exp(-0.5 * t * t) / std::sqrt(2.0 * std::numbers::pi) / pair.deviation;
    if (pair.rest == 0.0) return density * std::max(0.0, mean);
    const QuadratureRule rule = normal_rule({{-mean / pair.rest, 0.0}});
    return density * rule.weights.dot((mean + pair.rest * rule.nodes.array()).max(0.0).matrix());
  };
  for (const PairCase& c : pair_cases(sample_count(400), 2)) {
    PairAverages exact = by_quadrature(c, 0.0, 2, values);
    exact(2, 0) = at_kink(c);
    exact(0, 2) = at_kink({c.Q_l, c.Q_k, c.q, c.b_l, c.b_k});
    check_table(averages(sigmas[1], c), exact, 2, c.text());
  }
}

// A polynomial of degree 7, at variances and biases at which its values are of order one to 1e8.
BOOST_AUTO_TEST_CASE(polynomial_is_the_integral_over_both_variables) {
  const Polynomial sigma{{0.3, -0.8, 0.4, 0.5, -0.2, 0.1, 0.05, -0.02}};
  for (PairCase c : pair_cases(sample_count(200), 3)) {
    const double largest = std::max({c.Q_k, c.Q_l, 1.0});
    c.Q_k /= largest;
    c.Q_l /= largest;
    c.q /= largest;
    c.b_k /= 10.0;
    c.b_l /= 10.0;
    check_table(
        averages({"", sigma, 6}, c),
        by_quadrature(c, 10.0, 6, [&](double x) { return polynomial_derivatives(sigma, x); }), 6,
        c.text());
  }
}

BOOST_AUTO_TEST_CASE(one_neuron_is_the_integral_over_its_pre_activation) {
  for (const PairCase& c : pair_cases(sample_count(400), 4))
    for (const NamedSigma& sigma : sigmas) {
      if (sigma.name == "cubic" && c.Q_k > 10.0) continue;  // sums of 1e12
      const SingleAverages a = averages(sigma, c.k());
      const bool relu = sigma.name == "relu";
      const double deviation = std::sqrt(c.Q_k);
      const QuadratureRule rule = normal_rule({{-c.b_k / deviation, relu ? 0.0 : 1.0 / deviation}});
      SingleAverages exact{};
      for (Eigen::Index i = 0; i < rule.nodes.size(); ++i) {
        const double x = deviation * rule.nodes[i] + c.b_k;
        SevenDerivatives s = erf_derivatives(x);
        if (relu) s = {x > 0.0 ? x : 0.0, x > 0.0 ? 1.0 : 0.0};
        if (const auto* polynomial = std::get_if<Polynomial>(&sigma.activation))
          s = polynomial_derivatives(*polynomial, x);
        for (std::size_t m = 0; m < 7; ++m) exact[m] += rule.weights[i] * s[m];
      }
      if (relu)
        exact[2] =
            std::exp(-0.5 * c.b_k * c.b_k / c.Q_k) / std::sqrt(2.0 * std::numbers::pi * c.Q_k);
      for (std::size_t m = 0; m <= static_cast<std::size_t>(sigma.order); ++m)
        BOOST_TEST(std::abs(a[m] - exact[m]) <= closed_form * (1.0 + std::abs(exact[m])),
                   sigma.name << ", a(" << m << ") = " << a[m] << ", exact " << exact[m] << ": "
                              << c.text());
    }
}

BOOST_AUTO_TEST_CASE(entries_are_derivatives_by_the_biases) {
  constexpr double step = 1e-3, tolerance = 1e-9;
  for (const NamedSigma& sigma : sigmas)
    for (const PairCase& c : ordinary_cases()) {
      const PairAverages A = averages(sigma, c);
      const SingleAverages a = averages(sigma, c.k());
      for (int m = 0; m < sigma.order; ++m) {
        const double by_b = derivative(
            [&](double d) {
              return averages(sigma, PreActivation{c.Q_k, c.b_k + d})[static_cast<std::size_t>(m)];
            },
            step);
        BOOST_TEST(std::abs(by_b - a[static_cast<std::size_t>(m) + 1]) <= tolerance);
        for (int n = 0; m + n < sigma.order; ++n) {
          const auto moved = [&](double d_k, double d_l) {
            return averages(sigma, PairCase{c.Q_k, c.Q_l, c.q, c.b_k + d_k, c.b_l + d_l})(m, n);
          };
          const double by_k = derivative([&](double d) { return moved(d, 0.0); }, step);
          const double by_l = derivative([&](double d) { return moved(0.0, d); }, step);
          BOOST_TEST(std::abs(by_k - A(m + 1, n)) <= tolerance,
                     sigma.name << ", " << m << n << ": " << by_k << ", " << A(m + 1, n));
          BOOST_TEST(std::abs(by_l - A(m, n + 1)) <= tolerance,
                     sigma.name << ", " << m << n << ": " << by_l << ", " << A(m, n + 1));
        }
      }
    }
}

// Price's theorem, in every entry whose derivative the table has.
BOOST_AUTO_TEST_CASE(entries_are_derivatives_by_the_covariance) {
  constexpr double step = 1e-3, tolerance = 1e-9;
  for (const NamedSigma& sigma : sigmas)
    for (const PairCase& c : ordinary_cases()) {
      const PairAverages A = averages(sigma, c);
      for (int m = 0; m + 2 <= sigma.order; ++m)
        for (int n = 0; m + n + 2 <= sigma.order; ++n) {
          const auto moved = [&](double d_kk, double d_ll, double d_q) {
            return averages(sigma, PairCase{c.Q_k + d_kk, c.Q_l + d_ll, c.q + d_q, c.b_k, c.b_l})(
                m, n);
          };
          const double by_Q_k = derivative([&](double d) { return moved(d, 0.0, 0.0); }, step);
          const double by_Q_l = derivative([&](double d) { return moved(0.0, d, 0.0); }, step);
          const double by_q = derivative([&](double d) { return moved(0.0, 0.0, d); }, step);
          BOOST_TEST(std::abs(by_Q_k - 0.5 * A(m + 2, n)) <= tolerance, sigma.name);
          BOOST_TEST(std::abs(by_Q_l - 0.5 * A(m, n + 2)) <= tolerance, sigma.name);
          BOOST_TEST(std::abs(by_q - A(m + 1, n + 1)) <= tolerance, sigma.name);
        }
    }
}

// A neuron with itself is one variable: E sigma^(m) sigma^(n), for Relu as the limit too.
BOOST_AUTO_TEST_CASE(neuron_with_itself_is_an_integral_over_one_variable) {
  for (const PairCase& other : pair_cases(sample_count(400), 5)) {
    const PairCase c{other.Q_k, other.Q_k, other.Q_k, other.b_k, other.b_k};
    check_table(averages(sigmas[0], c), by_quadrature(c, 1.0, 6, erf_derivatives), 6, c.text());
    const SingleAverages a = averages(sigmas[1], c.k());
    PairAverages relu;
    relu(1, 1) = a[1];
    relu(1, 0) = relu(0, 1) = a[0];
    relu(0, 0) = (c.Q_k + c.b_k * c.b_k) * a[1] + c.b_k * c.Q_k * a[2];
    check_table(averages(sigmas[1], c), relu, 2, c.text());
  }
}

// With rounding in q the difference from the limit is of order sqrt(epsilon), the distance of the
// covariance from a singular one.
BOOST_AUTO_TEST_CASE(neuron_with_itself_is_the_limit_of_pairs) {
  for (const NamedSigma& sigma : sigmas)
    for (const double bias : {0.0, -1.0, 0.7}) {
      const PairAverages limit = averages(sigma, PairCase{1.7, 1.7, 1.7, bias, bias});
      for (const double off : {1e-15, -1e-15, 1e-12}) {
        const PairAverages near =
            averages(sigma, PairCase{1.7, 1.7, 1.7 * (1.0 - off), bias, bias});
        for (int m = 0; m <= 2; ++m)
          for (int n = 0; m + n <= 2; ++n)
            BOOST_TEST(std::abs(near(m, n) - limit(m, n)) <= 2.0 * std::sqrt(std::abs(off)));
      }
    }
}

// The arc-cosine kernels of orders 0 and 1, and Sheppard's arcsine.
BOOST_AUTO_TEST_CASE(without_biases_the_kernels_are_arcs) {
  constexpr double pi = std::numbers::pi;
  for (const double rho : {-1.0, -0.999, -0.4, 0.0, 1e-9, 0.6, 0.99999, 1.0}) {
    const double Q_k = 1.7, Q_l = 0.3, q = rho * std::sqrt(Q_k * Q_l), angle = std::acos(rho);
    const PairCase c{Q_k, Q_l, q, 0.0, 0.0};
    const PairAverages relu = averages(sigmas[1], c), erf = averages(sigmas[0], c);
    BOOST_TEST(std::abs(relu(1, 1) - (pi - angle) / (2.0 * pi)) <= 1e-8);  // acos near 1
    BOOST_TEST(std::abs(relu(0, 0) - std::sqrt(Q_k * Q_l) / (2.0 * pi) *
                                         (std::sin(angle) + (pi - angle) * rho)) <= 1e-14);
    BOOST_TEST(std::abs(erf(0, 0) -
                        2.0 / pi * std::asin(q / std::sqrt((1.0 + Q_k) * (1.0 + Q_l)))) <= 1e-15);
  }
}

// The first weights of a run are small, and may be zero.
BOOST_AUTO_TEST_CASE(without_variance_the_pre_activation_is_the_bias) {
  for (const NamedSigma& sigma : sigmas)
    for (const double b_k : {-0.8, 0.0, 0.5}) {
      const Derivatives s_k = derivatives(sigma.activation, b_k),
                        s_l = derivatives(sigma.activation, 0.4);
      const PairAverages A = averages(sigma, PairCase{0.0, 0.0, 0.0, b_k, 0.4});
      const SingleAverages a = averages(sigma, PreActivation{0.0, b_k});
      for (std::size_t m = 0; m <= 2; ++m) {
        BOOST_TEST(std::abs(a[m] - s_k[m]) <= 1e-15);
        for (std::size_t n = 0; m + n <= 2; ++n)
          BOOST_TEST(std::abs(A(static_cast<int>(m), static_cast<int>(n)) - s_k[m] * s_l[n]) <=
                     1e-15);
      }
    }
}

BOOST_AUTO_TEST_CASE(what_is_not_finite_stays_so) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const NamedSigma& sigma : sigmas)
    for (const double bad : {infinity, std::nan("")}) {
      const PairAverages by_bias = averages(sigma, PairCase{1.0, 1.0, 0.5, bad, 0.3});
      BOOST_TEST((sigma.name == "erf" || !std::isfinite(by_bias(0, 0))));
      BOOST_TEST((std::isinf(bad) || !std::isfinite(by_bias(1, 0))));
      if (std::isinf(bad)) continue;
      for (const PairCase& at : {PairCase{bad, 1.0, 0.5, 0.1, 0.3}, {1.0, 1.0, bad, 0.1, 0.3}})
        BOOST_TEST(!std::isfinite(averages(sigma, at)(1, 1)), sigma.name);
    }
}

BOOST_AUTO_TEST_CASE(calls_allocate_nothing,
                     *boost::unit_test::precondition(counting_allocations)) {
  for (const NamedSigma& sigma : sigmas) {
    GaussianPair pair(sigma.activation, sigma.order);
    PairAverages A;
    SingleAverages a{};
    const auto call = [&] {
      pair({1.0, 0.3}, {2.0, 0.1}, 0.5, A);
      pair({1.0, 0.3}, a);
    };
    call();
    const std::size_t before = allocation_count();
    call();
    BOOST_TEST(allocation_count() == before, sigma.name);
  }
}

BOOST_AUTO_TEST_CASE(what_has_no_closed_form_throws) {
  BOOST_CHECK_THROW(GaussianPair(Tanh{}, 2), std::invalid_argument);
  BOOST_CHECK_THROW(GaussianPair(Logistic{}, 2), std::invalid_argument);
  BOOST_CHECK_THROW(GaussianPair(Relu{}, 3), std::invalid_argument);
  BOOST_CHECK_THROW(GaussianPair(Erf{}, 7), std::invalid_argument);
  BOOST_CHECK_THROW(GaussianPair(Erf{}, -1), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
