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

BOOST_AUTO_TEST_SUITE(fixed_point)

using namespace popflow;
using namespace popflow::test;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// For fixed points whose residual is at most 1e-12 and whose growth rates are of order one.
constexpr double accuracy = 1e-11;

// f(w) = (w_1 - w_0, 0): w_1 does not move, as a bias that does not learn.
struct Frozen {
  Eigen::Index dimension() const { return 2; }
  void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double) {
    dwdt[0] = w[1] - w[0];
    dwdt[1] = 0.0;
  }
};

// A stripe on a torus: the cosine of one wave vector k grows and saturates as in CosineRing, and
// all other modes decay. The stripe is carried along at a velocity. Only the part along k changes
// it.
struct Stripe {
  Stripe(const Torus& torus, int q0, int q1, const Eigen::Vector2d& moving)
      : k(2.0 * std::numbers::pi * q0 / torus.rows(),
          2.0 * std::numbers::pi * q1 / torus.columns()),
        velocity(moving),
        cosine(torus.sites()),
        sine(torus.sites()) {
    for (int j = 0; j < torus.sites(); ++j) {
      const double angle = k[0] * torus.coordinates(j)[0] + k[1] * torus.coordinates(j)[1];
      cosine[j] = std::sqrt(2.0 / torus.sites()) * std::cos(angle);
      sine[j] = std::sqrt(2.0 / torus.sites()) * std::sin(angle);
    }
  }

  Eigen::Index dimension() const { return cosine.size(); }
  void operator()(const Eigen::VectorXd& u, Eigen::VectorXd& dudt, double) {
    const double c = cosine.dot(u), s = sine.dot(u), rate = 0.25 - c * c - s * s + 1.0;
    const double turn = k.dot(velocity);
    dudt = (rate * c - turn * s) * cosine + (rate * s + turn * c) * sine - u;
  }

  Eigen::Vector2d k, velocity;
  Eigen::VectorXd cosine, sine;
};

// Two neurons on a ring that are carried along together, and a bias that decays.
struct TwoNeurons {
  CosineRing ring{12, 0.25};
  Torus torus{{12}};
  double velocity;

  Eigen::Index dimension() const { return 25; }
  void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double) {
    for (const Eigen::Index k : {0, 12}) {
      Eigen::VectorXd rate(12);
      ring(w.segment(k, 12), rate, 0.0);
      dwdt.segment(k, 12) = rate - velocity * translations(torus, 1, w.segment(k, 12));
    }
    dwdt[24] = -w[24];
  }
};

Eigen::VectorXd number(double value) { return Eigen::VectorXd::Constant(1, value); }

}  // namespace

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
  // The errors are of order 2 and 4. The scales are so large that only truncation counts.
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
  LogisticFlow flow{1};
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
  LogisticFlow flow{1};
  for (const double start : {1e-3, 1e-6}) {
    Eigen::VectorXd w = number(start);
    BOOST_TEST((find_fixed_point(flow, w, {.first_step = 3.0}).reason == SolveReason::converged));
    BOOST_TEST(std::abs(w[0] - 1.0) < accuracy);
  }
}

// Newton's method doubles the digits: from 1.01, with errors 1e-4, 1e-8, 1e-16.
BOOST_AUTO_TEST_CASE(convergence_is_quadratic_near_the_end) {
  LogisticFlow flow{3};
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

// The sites hold the phase so weakly, at a tenth of null_rate, that one step of the ordinary search
// leaves nine tenths of the residual along the translation: some fifty steps.
BOOST_AUTO_TEST_CASE(a_state_that_sites_hardly_hold_is_found_in_a_few_steps) {
  constexpr double e = 1e-9, r = 0.25;
  PinnedRing flow(r, e);
  for (const double phase : {0.3, 0.6, -0.5, 1.2}) {
    const Eigen::VectorXd start = flow.ring().wave(phase, 0.4) + 0.05 * random_values(4, 1);
    Eigen::VectorXd plain = start, u = start;
    BOOST_TEST(
        (find_fixed_point(flow, plain, {.step_limit = 20}).reason == SolveReason::step_limit));
    const FixedPointResult found =
        find_fixed_point(flow, u, {.step_limit = 20, .lattice = Torus({4})});
    BOOST_TEST((found.reason == SolveReason::converged));
    BOOST_TEST(found.residual <= 1e-12);
    BOOST_TEST(found.translation_residual <= 1e-12);
    BOOST_TEST_REQUIRE(found.drift.size() == 1);
    // At a multiple of pi / 2: sin 4 theta is what is left of the velocity.
    BOOST_TEST(std::abs(std::sin(4.0 * flow.ring().phase(u))) < 1e-2);
    BOOST_TEST(std::cos(4.0 * flow.ring().phase(u)) > 0.0);
    BOOST_TEST(std::abs(u.squaredNorm() - r / (1.0 - e)) < accuracy);
    const Stability spectrum = stability(flow, u);
    const auto modes = translation_modes(spectrum, translations(Torus({4}), 1, u));
    BOOST_TEST_REQUIRE(modes.size() == 1U);
    BOOST_TEST(std::abs(modes[0].growth + 4.0 * e * r) < accuracy);
  }
}

// Where the sites matter as much as all else, the search ends where they hold the state, exactly.
BOOST_AUTO_TEST_CASE(a_state_that_sites_hold_is_found_there) {
  constexpr double e = 0.2, r = 0.25;
  PinnedRing flow(r, e);
  for (const double phase : {0.1, 0.7, 2.0}) {
    Eigen::VectorXd u = flow.ring().wave(phase, 0.4);
    const FixedPointResult found = find_fixed_point(flow, u, {.lattice = Torus({4})});
    BOOST_TEST((found.reason == SolveReason::converged));
    BOOST_TEST(found.translation_residual <= 1e-12);
    BOOST_TEST(std::abs(std::sin(4.0 * flow.ring().phase(u))) < 1e-9);
    BOOST_TEST(std::abs(u.squaredNorm() - r / (1.0 - e)) < accuracy);
    BOOST_TEST(stability(flow, u).unstable() == 0);
  }
}

// However slow, a state that nothing holds is no fixed point.
BOOST_AUTO_TEST_CASE(a_state_that_moves_for_ever_is_told_from_one_at_rest) {
  for (const double velocity : {0.3, -0.01, 1e-6, 1e-9}) {
    PinnedRing flow(0.25, 0.0, velocity);
    Eigen::VectorXd u = flow.ring().wave(0.3, 0.4) + 0.05 * random_values(4, 1);
    const FixedPointResult found = find_fixed_point(flow, u, {.lattice = Torus({4})});
    BOOST_TEST((found.reason == SolveReason::drifting));
    BOOST_TEST(found.residual <= 1e-12);
    BOOST_TEST(std::abs(found.drift[0] - velocity) < accuracy);
    BOOST_TEST(std::abs(found.translation_residual -
                        0.5 * std::numbers::pi / 2.0 * std::abs(velocity)) < accuracy);
    BOOST_TEST(std::abs(u.norm() - 0.5) < accuracy);
    BOOST_TEST(found.steps < 15);
  }
  // Sites that hold it, and sites too weak to: at most 2 e rho^2 / pi.
  for (const auto& [velocity, held] : {std::pair{0.02, true}, {0.04, false}}) {
    PinnedRing flow(0.25, 0.2, velocity);
    Eigen::VectorXd u = flow.ring().wave(0.3, 0.4);
    const FixedPointResult found = find_fixed_point(flow, u, {.lattice = Torus({4})});
    BOOST_TEST((found.reason == SolveReason::converged) == held);
    BOOST_TEST((found.reason == SolveReason::drifting) == !held);
    if (held) BOOST_TEST(found.translation_residual <= 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(a_stripe_has_one_translation_of_two) {
  const Torus torus({6, 8});
  const Eigen::Vector2d velocity(0.03, -0.02);
  for (const auto& [q0, q1] : {std::pair{0, 1}, {1, 0}, {1, 1}, {2, 1}}) {
    Stripe still(torus, q0, q1, {0.0, 0.0});
    Eigen::VectorXd u = 0.4 * still.cosine + 0.02 * random_values(48, 1);
    const FixedPointResult rest = find_fixed_point(still, u, {.lattice = torus});
    BOOST_TEST((rest.reason == SolveReason::converged));
    BOOST_TEST(std::abs(u.norm() - 0.5) < accuracy);
    BOOST_TEST(translation_modes(stability(still, u), translations(torus, 1, u)).size() == 1U);

    Stripe moving(torus, q0, q1, velocity);
    u = 0.4 * moving.cosine + 0.02 * random_values(48, 1);
    const FixedPointResult found = find_fixed_point(moving, u, {.lattice = torus});
    const Eigen::Vector2d seen = moving.k * moving.k.dot(velocity) / moving.k.squaredNorm();
    BOOST_TEST((found.reason == SolveReason::drifting));
    BOOST_TEST(found.residual <= 1e-12);
    BOOST_TEST((found.drift - seen).norm() < accuracy);
  }
}

BOOST_AUTO_TEST_CASE(neurons_move_together) {
  for (const double velocity : {0.0, 0.05}) {
    TwoNeurons flow{.velocity = velocity};
    Eigen::VectorXd w(25);
    w << flow.ring.wave(0.3, 0.4), flow.ring.wave(2.0, 0.6), 0.2;
    const FixedPointResult found = find_fixed_point(flow, w, {.lattice = flow.torus, .neurons = 2});
    BOOST_TEST(
        (found.reason == (velocity == 0.0 ? SolveReason::converged : SolveReason::drifting)));
    BOOST_TEST(std::abs(found.drift[0] - velocity) < accuracy);
    BOOST_TEST(std::abs(w[24]) < accuracy);
  }
}

// Weights that are uniform have no translation: the search is the ordinary one, step by step.
BOOST_AUTO_TEST_CASE(what_is_uniform_has_no_translation) {
  LogisticFlow flow{6};
  Eigen::VectorXd plain = Eigen::VectorXd::Constant(6, 0.1), u = plain;
  const FixedPointResult expected = find_fixed_point(flow, plain);
  const FixedPointResult found = find_fixed_point(flow, u, {.lattice = Torus({6})});
  BOOST_TEST((found.reason == SolveReason::converged));
  BOOST_TEST(found.steps == expected.steps);
  BOOST_TEST((u - plain).norm() < accuracy);
  BOOST_TEST(found.translation_residual == 0.0);
  BOOST_TEST(found.drift.isZero(0.0));
}

BOOST_AUTO_TEST_CASE(a_search_is_seen_step_by_step_and_can_be_stopped_between) {
  LogisticFlow flow{3};
  Eigen::VectorXd w = Eigen::VectorXd::Constant(3, 0.1);
  std::vector<double> residuals;
  const FixedPointResult found = find_fixed_point(
      flow, w,
      {.progress = [&](const FixedPointResult& now) { residuals.push_back(now.residual); }});
  BOOST_TEST(residuals.size() == static_cast<std::size_t>(found.steps));
  BOOST_TEST(residuals.back() == found.residual);
  // In the second Jacobian: one evaluation at the start, six of a Jacobian, one of a step.
  w.setConstant(0.1);
  int asked = 0;
  const FixedPointResult stopped =
      find_fixed_point(flow, w, {.interrupted = [&] { return ++asked > 10; }});
  BOOST_TEST((stopped.reason == SolveReason::interrupted));
  BOOST_TEST(stopped.steps == 1);
  BOOST_TEST(stopped.residual == residuals.front());
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
  BOOST_TEST(name(SolveReason::drifting) == "drifting");
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
  LogisticFlow flow{2};
  Eigen::VectorXd w = Eigen::VectorXd::Ones(2), short_one = number(1.0);
  BOOST_CHECK_THROW(find_fixed_point(flow, short_one), std::invalid_argument);
  for (const double bad : {0.0, -1.0, std::nan(""), infinity}) {
    BOOST_CHECK_THROW(find_fixed_point(flow, w, {.tolerance = bad}), std::invalid_argument);
    BOOST_CHECK_THROW(find_fixed_point(flow, w, {.first_step = bad}), std::invalid_argument);
    BOOST_CHECK_THROW(find_fixed_point(flow, w, {.null_rate = bad}), std::invalid_argument);
  }
  BOOST_CHECK_THROW(find_fixed_point(flow, w, {.step_limit = 0}), std::invalid_argument);
  BOOST_CHECK_THROW(find_fixed_point(flow, w, {.lattice = Torus({3})}), std::invalid_argument);
  for (const int neurons : {0, 2})
    BOOST_CHECK_THROW(find_fixed_point(flow, w, {.lattice = Torus({2}), .neurons = neurons}),
                      std::invalid_argument);
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
