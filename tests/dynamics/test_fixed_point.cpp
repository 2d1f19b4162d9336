#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <utility>
#include <vector>

#include <Eigen/LU>
#include <boost/test/unit_test.hpp>

#include "popflow/dynamics/fixed_point.hpp"
#include "popflow/dynamics/stability.hpp"

#include "analytic_flows.hpp"
#include "random_values.hpp"

using namespace popflow;
using namespace popflow::test;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Of fixed points whose residual is at most 1e-12 and whose growth rates are of order one.
constexpr double accuracy = 1e-11;

// f(w) = (w_1 - w_0, 0): w_1 does not move, as a bias that does not learn.
struct Frozen {
  Eigen::Index dimension() const { return 2; }
  void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double) {
    dwdt[0] = w[1] - w[0];
    dwdt[1] = 0.0;
  }
};

Eigen::VectorXd number(double value) { return Eigen::VectorXd::Constant(1, value); }

}  // namespace

BOOST_AUTO_TEST_SUITE(fixed_point)

// The derivatives of sin and of a polynomial of fourth order, column by column. Rounding of f, of
// order one, is divided by steps of 6e-6 and 7e-4; of the sine, the truncation is h^2 / 6 and
// h^4 / 30.
BOOST_AUTO_TEST_CASE(jacobian_has_the_stated_accuracy) {
  struct Rotated {
    Eigen::Index dimension() const { return 2; }
    void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double) {
      dwdt << std::sin(w[1]), std::pow(w[0], 4) + 2.0 * w[1];
    }
  } flow;
  const Eigen::Vector2d w(0.7, -0.4);
  Eigen::Matrix2d exact;
  exact << 0.0, std::cos(w[1]), 4.0 * std::pow(w[0], 3), 2.0;
  const auto error = [&](Differences differences, double scale = 1.0) {
    return (jacobian(flow, w, differences, scale) - exact).cwiseAbs().maxCoeff();
  };
  BOOST_TEST(error(Differences::two_point) < 2e-10);
  BOOST_TEST(error(Differences::four_point) < 3e-12);
  // Of order 2 and 4: at scales so large that truncation is all there is.
  for (const auto& [differences, order] :
       {std::pair{Differences::two_point, 2.0}, {Differences::four_point, 4.0}}) {
    const double scale = differences == Differences::two_point ? 3e3 : 100.0;
    const double slope = std::log2(error(differences, scale) / error(differences, scale / 2.0));
    BOOST_TEST(std::abs(slope - order) < 0.1);
  }
  for (const double scale : {0.0, -1.0, infinity, std::nan("")})
    BOOST_CHECK_THROW(jacobian(flow, w, Differences::two_point, scale), std::invalid_argument);
  BOOST_CHECK_THROW(jacobian(flow, number(1.0)), std::invalid_argument);
}

// From 0.1, where the logistic equation leads to 1, Newton's method goes to the unstable 0.
BOOST_AUTO_TEST_CASE(a_search_follows_the_flow_or_goes_to_the_nearest) {
  Logistic flow{1};
  for (const auto& [stable, goal] : {std::pair{true, 1.0}, {false, 0.0}}) {
    Eigen::VectorXd w = number(0.1);
    const std::size_t before = flow.calls;
    const FixedPointResult result = find_fixed_point(flow, w, {.stable = stable});
    BOOST_TEST((result.reason == SolveReason::converged));
    BOOST_TEST(result.residual <= 1e-12);
    BOOST_TEST(std::abs(w[0] - goal) < accuracy);
    BOOST_TEST(result.evaluations == flow.calls - before);
    BOOST_TEST(stability(flow, w).unstable() == (goal == 0.0 ? 1 : 0));
  }
}

// Unbounded, a first step of three times the e-folding time would lead back to 0.
BOOST_AUTO_TEST_CASE(what_grows_under_the_flow_grows_in_the_search) {
  Logistic flow{1};
  for (const double start : {1e-3, 1e-6}) {
    Eigen::VectorXd w = number(start);
    BOOST_TEST((find_fixed_point(flow, w, {.first_step = 3.0}).reason == SolveReason::converged));
    BOOST_TEST(std::abs(w[0] - 1.0) < accuracy);
  }
}

// Newton's method doubles the digits: from 1.01, with errors 1e-4, 1e-8, 1e-16.
BOOST_AUTO_TEST_CASE(convergence_is_quadratic_near_the_end) {
  Logistic flow{3};
  Eigen::VectorXd w = Eigen::VectorXd::Constant(3, 1.01);
  const FixedPointResult result = find_fixed_point(flow, w, {.stable = false});
  BOOST_TEST((result.reason == SolveReason::converged));
  BOOST_TEST(result.steps == 3);
}

// The phase is that of the start: the null direction is left alone, not searched. A step moves the
// phase by at most dt <= 1e8 times the rounding of f, some 1e-17.
BOOST_AUTO_TEST_CASE(a_translation_costs_nothing_and_changes_nothing) {
  const Torus ring({12});
  CosineRing flow(12, 0.25);
  for (const bool stable : {true, false}) {
    Eigen::VectorXd u = flow.wave(0.7, 0.4) + 0.05 * random_values(12, 1);
    const double phase = flow.phase(u);
    const FixedPointResult result = find_fixed_point(flow, u, {.stable = stable});
    BOOST_TEST((result.reason == SolveReason::converged));
    BOOST_TEST((u - flow.wave(flow.phase(u), 0.5)).cwiseAbs().maxCoeff() < accuracy);
    BOOST_TEST(std::abs(flow.phase(u) - phase) < 1e-6);

    const Stability spectrum = stability(flow, u);
    Eigen::VectorXd expected = Eigen::VectorXd::Constant(12, -1.0);
    expected[0] = 0.0;
    expected[1] = -0.5;
    BOOST_TEST(spectrum.symmetric);
    BOOST_TEST((spectrum.growth - expected).cwiseAbs().maxCoeff() < accuracy);
    BOOST_TEST(spectrum.unstable() == 0);
    const std::vector<TranslationMode> modes =
        translation_modes(spectrum, translations(ring, 1, u));
    BOOST_TEST_REQUIRE(modes.size() == 1U);
    BOOST_TEST(modes[0].index == 0);
    BOOST_TEST(std::abs(modes[0].growth) < accuracy);
    BOOST_TEST(std::abs(modes[0].overlap - 1.0) < accuracy);
  }
}

BOOST_AUTO_TEST_CASE(what_the_flow_does_not_move_stays) {
  Frozen flow;
  for (const bool stable : {true, false}) {
    Eigen::VectorXd w = Eigen::Vector2d(3.0, 0.3);
    BOOST_TEST((find_fixed_point(flow, w, {.stable = stable}).reason == SolveReason::converged));
    BOOST_TEST(w[1] == 0.3);
    BOOST_TEST(std::abs(w[0] - 0.3) < accuracy);
  }
}

// dw/dtau = (a + i) w in the plane spirals in or out at rate a.
BOOST_AUTO_TEST_CASE(frequencies_are_imaginary_parts) {
  Oscillator flow;
  const Stability spectrum = stability(flow, Eigen::Vector2d::Zero());
  BOOST_TEST(!spectrum.symmetric);
  BOOST_TEST(spectrum.growth.cwiseAbs().maxCoeff() < accuracy);
  BOOST_TEST(std::abs(spectrum.frequency.cwiseAbs().minCoeff() - 1.0) < accuracy);
  Eigen::Matrix2d J;
  J << 0.2, -3.0, 3.0, 0.2;
  const Stability spiral = stability(J);
  BOOST_TEST(spiral.unstable() == 2);
  for (int m = 0; m < 2; ++m) {
    const std::complex<double> rate(spiral.growth[m], spiral.frequency[m]);
    BOOST_TEST((J * spiral.direction.col(m) - rate * spiral.direction.col(m)).norm() < accuracy);
    BOOST_TEST(std::abs(rate.real() - 0.2) < accuracy);
    BOOST_TEST(std::abs(std::abs(rate.imag()) - 3.0) < accuracy);
  }
}

// A decaying number, a spiral that grows, a number that grows less, and a slower spiral, mixed.
BOOST_AUTO_TEST_CASE(every_direction_has_its_growth_and_its_frequency) {
  Eigen::MatrixXd J = Eigen::MatrixXd::Zero(6, 6);
  J(0, 0) = -0.5;
  J.block(1, 1, 2, 2) << 0.7, -2.0, 2.0, 0.7;
  J(3, 3) = 0.3;
  J.block(4, 4, 2, 2) << -0.1, 0.5, -0.5, -0.1;
  Eigen::MatrixXd mix = Eigen::MatrixXd::Identity(6, 6);
  for (int i = 0; i < 5; ++i) mix(i, i + 1) = 0.2 * (i + 1);
  J = mix * J * mix.inverse();
  const Stability spectrum = stability(J);
  const Eigen::Matrix<double, 6, 1> growth(0.7, 0.7, 0.3, -0.1, -0.1, -0.5);
  BOOST_TEST((spectrum.growth - growth).norm() < accuracy);
  for (int m = 0; m < 6; ++m) {
    const std::complex<double> rate(spectrum.growth[m], spectrum.frequency[m]);
    BOOST_TEST((J * spectrum.direction.col(m) - rate * spectrum.direction.col(m)).norm() <
               accuracy);
  }
}

BOOST_AUTO_TEST_CASE(reasons_have_names) {
  BOOST_TEST(name(SolveReason::converged) == "converged");
  BOOST_TEST(name(SolveReason::step_limit) == "step_limit");
  BOOST_TEST(name(SolveReason::stalled) == "stalled");
  BOOST_TEST(name(SolveReason::interrupted) == "interrupted");
  BOOST_TEST(name(SolveReason::not_finite) == "not_finite");
}

BOOST_AUTO_TEST_CASE(a_search_without_success_says_why) {
  Scalar no_zero{[](double w) { return 1.0 + w * w; }};
  Eigen::VectorXd w = number(1.0);
  BOOST_TEST((find_fixed_point(no_zero, w, {.step_limit = 7}).reason == SolveReason::step_limit));
  BOOST_TEST(w.allFinite());

  Scalar root{[](double x) { return 2.0 - x * x; }};
  w = number(1.0);
  const FixedPointResult beyond = find_fixed_point(root, w, {.tolerance = 1e-18});
  BOOST_TEST((beyond.reason == SolveReason::stalled));
  BOOST_TEST(beyond.residual < 1e-15);

  Scalar half_line{[](double x) { return x < 1.5 ? 1.0 : std::nan(""); }};
  w = number(2.0);
  const FixedPointResult outside = find_fixed_point(half_line, w);
  BOOST_TEST((outside.reason == SolveReason::not_finite));
  BOOST_TEST(w[0] == 2.0);
  w = number(std::nan(""));
  BOOST_TEST((find_fixed_point(root, w).reason == SolveReason::not_finite));
  w = number(1.0);
  BOOST_TEST((find_fixed_point(root, w, {.interrupted = [] { return true; }}).reason ==
              SolveReason::interrupted));
  BOOST_TEST(name(SolveReason::stalled) == "stalled");
  BOOST_TEST(name(SolveReason::not_finite) == "not_finite");
}

// A step onto ground where the flow is not defined is shortened.
BOOST_AUTO_TEST_CASE(a_step_that_is_not_finite_is_tried_again) {
  Scalar logarithm{[](double x) { return -std::log(x); }};  // Newton from 5 leads to 5 - 8 < 0
  Eigen::VectorXd w = number(5.0);
  BOOST_TEST((find_fixed_point(logarithm, w, {.stable = false}).reason == SolveReason::converged));
  BOOST_TEST(std::abs(w[0] - 1.0) < accuracy);
}

BOOST_AUTO_TEST_CASE(a_flow_is_not_asked_where_it_is_infinite) {
  bool finite = true;
  Scalar constant{[&finite](double x) {
    finite = finite && std::isfinite(x);
    return 100.0;
  }};
  Eigen::VectorXd w = number(1.0);
  const FixedPointResult result =
      find_fixed_point(constant, w, {.stable = false, .null_rate = 1e-307, .step_limit = 5});
  BOOST_TEST((result.reason != SolveReason::converged));
  BOOST_TEST(finite);
}

BOOST_AUTO_TEST_CASE(bad_input_is_refused) {
  Logistic flow{2};
  Eigen::VectorXd w = Eigen::VectorXd::Ones(2), short_one = number(1.0);
  BOOST_CHECK_THROW(find_fixed_point(flow, short_one), std::invalid_argument);
  for (const double bad : {0.0, -1.0, std::nan("")}) {
    BOOST_CHECK_THROW(find_fixed_point(flow, w, {.tolerance = bad}), std::invalid_argument);
    BOOST_CHECK_THROW(find_fixed_point(flow, w, {.first_step = bad}), std::invalid_argument);
    BOOST_CHECK_THROW(find_fixed_point(flow, w, {.null_rate = bad}), std::invalid_argument);
  }
  BOOST_CHECK_THROW(find_fixed_point(flow, w, {.step_limit = 0}), std::invalid_argument);
  BOOST_CHECK_THROW(stability(Eigen::MatrixXd()), std::invalid_argument);
  BOOST_CHECK_THROW(stability(Eigen::MatrixXd::Zero(2, 3)), std::invalid_argument);
  BOOST_CHECK_THROW(stability(Eigen::MatrixXd::Constant(2, 2, infinity)), std::invalid_argument);
  const Torus ring({3});
  BOOST_CHECK_THROW(translations(ring, 1, w), std::invalid_argument);
  BOOST_CHECK_THROW(translations(ring, 0, w), std::invalid_argument);
  BOOST_CHECK_THROW(translation_modes(stability(flow, w), Eigen::MatrixXd::Zero(3, 1)),
                    std::invalid_argument);
}

// Two neurons and their biases on a torus: the neurons shift together, the biases stay.
BOOST_AUTO_TEST_CASE(translations_are_one_an_axis_and_none_of_what_is_uniform) {
  const Torus torus({3, 4});
  const auto column = [&torus](const Eigen::VectorXd& w, int axis) {
    return Eigen::VectorXd(translations(torus, 2, w).col(axis));
  };
  Eigen::VectorXd w(26);
  for (int j = 0; j < 12; ++j) {
    const double angle = 2.0 * std::numbers::pi * torus.coordinates(j)[1] / 4.0;
    w[j] = std::sin(angle);
    w[12 + j] = 1.0;
  }
  w.tail(2) << 3.0, 4.0;
  BOOST_TEST(translations(torus, 2, w).cols() == 2);
  BOOST_TEST(column(w, 0).isZero(0.0));
  const Eigen::VectorXd along = column(w, 1);
  BOOST_TEST(along.tail(14).cwiseAbs().maxCoeff() < 1e-14);
  for (int j = 0; j < 12; ++j)
    BOOST_TEST(std::abs(along[j] - std::numbers::pi / 2.0 *
                                       std::cos(std::numbers::pi / 2.0 * (j % 4))) < 1e-14);
  const Stability spectrum = stability(Eigen::MatrixXd(Eigen::MatrixXd::Identity(26, 26)));
  BOOST_TEST(translation_modes(spectrum, translations(torus, 2, w)).size() == 1U);
  w.head(12).setConstant(0.1);
  BOOST_TEST(translation_modes(spectrum, translations(torus, 2, w)).empty());
}

BOOST_AUTO_TEST_SUITE_END()
