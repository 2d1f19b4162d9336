#include <cmath>
#include <limits>
#include <stdexcept>

#include <boost/test/unit_test.hpp>

#include "popflow/input/input.hpp"
#include "popflow/input/marginal_average.hpp"
#include "popflow/lattice/quadrature.hpp"

#include "reference_inputs.hpp"

BOOST_AUTO_TEST_SUITE(marginal_average)

using namespace popflow;
using namespace popflow::test;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

PointwiseField field(double gain, double scale) { return {Field::Ones(1), gain, scale}; }

// E[x F(x)] by Gauss-Legendre rules of 20 nodes on 300 pieces of z, which grow in proportion to
// their distance from 0 where psi is steep and F has its kink.
template <class Function>
double brute_force(const PointwiseField& psi, const Function& F) {
  static const QuadratureRule rule = gauss_legendre(20, 0.0, 1.0);
  const double twice_peak = std::sqrt(2.0 / std::acos(-1.0));
  double sum = 0.0, from = 0.0;
  for (int piece = 1; piece <= 300; ++piece) {
    const double to = 10.0 * std::expm1(0.1 * piece) / std::expm1(30.0);
    for (Eigen::Index m = 0; m < rule.nodes.size(); ++m) {
      const double z = from + (to - from) * rule.nodes[m], x = psi(z);
      sum += (to - from) * rule.weights[m] * 0.5 * twice_peak * std::exp(-0.5 * z * z) * x *
             (F(x) - F(-x));
    }
    from = to;
  }
  return sum;
}

}  // namespace

BOOST_AUTO_TEST_CASE(averages_are_those_of_a_fine_rule) {
  constexpr double allowed = 1e-12;
  for (const double gain : {0.0, 1e-5, 0.5, 1.0, 3.0, 10.0, 100.0, 1e4})
    for (const double scale : {1.0, 0.4}) {
      const PointwiseField psi = field(gain, scale);
      const MarginalAverage average(psi);
      const auto check = [&](const auto& F, const char* what) {
        const double found = average(F), exact = brute_force(psi, F);
        BOOST_TEST(std::abs(found - exact) <= allowed * (1.0 + std::abs(exact)),
                   what << " at gain " << gain << ": " << found << ", exact " << exact);
      };
      check([](double x) { return x; }, "x");
      check([](double x) { return x * x * x; }, "x^3");
      check([](double x) { return std::erf(0.7 * x - 0.2); }, "erf");
      check([](double x) { return std::tanh(3.0 * x + 1.0); }, "tanh");
      check([](double x) { return std::exp(x) + 100.0; }, "exp");
    }
}

BOOST_AUTO_TEST_CASE(steep_functions_are_told_by_their_steepness) {
  for (const double gain : {0.0, 1.0, 10.0})
    for (const double steepness : {1.0, 30.0, 1e3}) {
      const PointwiseField psi = field(gain, 1.0);
      const auto F = [steepness](double x) { return std::erf(steepness * x); };
      const double found = MarginalAverage(psi, steepness)(F), exact = brute_force(psi, F);
      BOOST_TEST(std::abs(found - exact) <= 1e-12, gain << ", " << steepness);
    }
}

BOOST_AUTO_TEST_CASE(a_kink_leaves_the_documented_error) {
  const PointwiseField psi = field(3.0, 1.0);
  const auto F = [](double x) { return std::abs(x - 0.3); };
  BOOST_TEST(std::abs(MarginalAverage(psi)(F) - brute_force(psi, F)) <= 1e-5);
}

BOOST_AUTO_TEST_CASE(a_sign_field_has_two_values) {
  const MarginalAverage average(field(infinity, 0.4));
  const auto F = [](double x) { return std::exp(x); };
  BOOST_TEST(std::abs(average(F) - 0.4 * std::sinh(0.4)) <= 1e-15);
}

BOOST_AUTO_TEST_CASE(fourth_moment_is_that_of_the_input) {
  for (const double gain : {0.5, 3.0, 10.0, infinity}) {
    const Input input = nlgp({8}, gain, 2.0);
    const double found = MarginalAverage(*input.pointwise())([](double x) { return x * x * x; });
    BOOST_TEST(std::abs(found - input.four_point(0, 0, 0)) <= 1e-12, "gain " << gain);
  }
}

BOOST_AUTO_TEST_CASE(steepness_below_1_throws) {
  for (const double bad : {0.5, -1.0, std::nan("")})
    BOOST_CHECK_THROW(MarginalAverage(field(1.0, 1.0), bad), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
