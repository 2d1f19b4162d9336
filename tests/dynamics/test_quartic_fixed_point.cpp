// The fixed points of one neuron's quartic flow on a ring of 24 sites, whose correlation lengths
// are to its extent about as 8 and 1 are to 100: nothing, the uniform field, the localised one.

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <vector>

#include <Eigen/Eigenvalues>
#include <boost/test/unit_test.hpp>

#include "popflow/dynamics/continuation.hpp"
#include "popflow/dynamics/integrate.hpp"
#include "popflow/flow/quartic_flow.hpp"
#include "popflow/lattice/fourier_basis.hpp"
#include "popflow/lattice/half_spectrum.hpp"
#include "popflow/measure/localisation.hpp"
#include "popflow/measure/receptive_field.hpp"
#include "popflow/tensor/exact_cumulant.hpp"

#include "random_weights.hpp"
#include "reference_tasks.hpp"

using namespace popflow;
using namespace popflow::test;

namespace {

// For derivatives of a flow of order one, by differences that are exact up to rounding.
constexpr double rounding = 1e-11;

// Eigenvalues, falling, of central differences by hand. An entry has the rounding 1e-17 over the
// step, in a matrix of 100 x 100, and the truncation h^2 A4 S(q)^2 / 2, with S(0) = 14 some 1e-9.
Eigen::VectorXd growth_by_hand(const QuarticFlow& flow, const State& u) {
  constexpr double h = 3e-6;
  const Eigen::Index size = flow.dimension();
  Eigen::MatrixXd J(size, size);
  for (Eigen::Index j = 0; j < size; ++j) {
    State ahead = u, behind = u;
    ahead.values()[j] += h;
    behind.values()[j] -= h;
    J.col(j) = (flow(ahead).values() - flow(behind).values()) / (2.0 * h);
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(0.5 * (J + J.transpose()));
  return eigen.eigenvalues().reverse();
}

double rate(const QuarticFlow& flow, const State& u) { return flow(u).values().norm(); }

}  // namespace

struct QuarticRing {
  Torus torus{{24}};
  Task task = two_lengths(torus.shape(), 3.0, 2.4, 1.0);
  std::vector<CumulantOperator> cumulants;

  // A narrower band would do: the flow is then that of another cumulant, and no less exact.
  QuarticRing() {
    for (const TaskClass& c : task) cumulants.push_back(exact_cumulant(c.input, 1e-3));
  }

  QuarticFlow flow(double bias) const { return {task, neuron(bias), Loss::squared, cumulants}; }
  Field rates_at_zero(double bias) const { return growth_rate(task, neuron(bias), Loss::squared); }

  static Neuron neuron(double bias) { return {Erf{}, bias, 1.0}; }

  static Weights start() { return random_weights(1, 24, 1, 1.0); }

  // A search moves the bump to where the sites hold it three times, each time some hundred times
  // nearer: a second one leaves nothing along the translation either.
  State localised(double bias) const {
    const QuarticFlow of_bias = flow(bias);
    State u = of_bias.state(start());
    for (int search = 0; search < 2; ++search) {
      const FixedPointResult result = find_fixed_point(of_bias, u);
      BOOST_TEST((result.reason == SolveReason::converged));
      BOOST_TEST(result.residual <= 1e-12);
    }
    return u;
  }

  // At u = a e, where e is uniform of norm 1, the potential is A a^2 + B a^4. Its minimum is at
  // a^2 = -A / 2 B.
  State uniform(double bias) const {
    const QuarticFlow of_bias = flow(bias);
    const Weights e = Weights::Constant(1, 24, 1.0 / std::sqrt(24.0));
    const double one = of_bias.potential(of_bias.state(e)),
                 two = of_bias.potential(of_bias.state(2.0 * e));
    const double B = (two - 4.0 * one) / 12.0, A = one - B;
    return of_bias.state(std::sqrt(-A / (2.0 * B)) * e);
  }
};

BOOST_FIXTURE_TEST_SUITE(quartic_fixed_point, QuarticRing)

BOOST_AUTO_TEST_CASE(spectrum_at_zero_is_the_growth_rate_of_every_mode) {
  for (const std::vector<int>& shape : std::vector<std::vector<int>>{{7}, {8}, {4, 5}, {4, 6}}) {
    const Task lopsided = lopsided_task(shape);
    const Torus lattice(shape);
    const QuarticFlow of_lopsided(lopsided, neuron(-0.7), Loss::squared);
    const Stability spectrum = stability(of_lopsided, State(of_lopsided.layout()));
    Field expected = full_spectrum(lattice, growth_rate(lopsided, neuron(-0.7), Loss::squared));
    std::sort(expected.begin(), expected.end(), std::greater<>());
    BOOST_TEST(spectrum.symmetric);
    BOOST_TEST((spectrum.growth - expected).cwiseAbs().maxCoeff() < rounding);
    BOOST_TEST(spectrum.frequency.isZero(0.0));
  }
}

BOOST_AUTO_TEST_CASE(the_localised_field_is_stable_wherever_it_lies) {
  const QuarticFlow of_bias = flow(-1.0);
  const State u = localised(-1.0);
  const Field field = of_bias.weights(u).row(0).transpose();
  BOOST_TEST(localisation(field.transpose()).fraction == 1.0);
  const auto rate_of = [&](const Field& moved) {
    return rate(of_bias, of_bias.state(moved.transpose()));
  };
  for (const int displacement : {1, 7, 23})
    BOOST_TEST(rate_of(shifted(torus, field, displacement)) < 2e-12);
  BOOST_TEST(rate_of(reflected(torus, field)) < 2e-12);
  BOOST_TEST(rate_of(-field) < 2e-12);

  const Stability spectrum = stability(of_bias, u);
  BOOST_TEST(spectrum.symmetric);
  BOOST_TEST(spectrum.unstable() == 0);
  // A bump of four sites feels them: translation is slow, 180 times slower than what comes next,
  // but not null.
  const auto modes = translation_modes(spectrum, translations(u));
  BOOST_TEST_REQUIRE(modes.size() == 1U);
  BOOST_TEST(modes[0].index == 0);
  BOOST_TEST(modes[0].overlap > 0.999);
  BOOST_TEST(modes[0].growth > 0.01 * spectrum.growth[1]);
  BOOST_TEST(modes[0].growth < -1e-5);
}

// The difference between perturbations of either sign is linear but for a relative 1e-8, the square
// of their size; what the integration errs by, 1e-12 a step, is as little of it.
BOOST_AUTO_TEST_CASE(perturbations_decay_at_the_rates_of_the_spectrum) {
  constexpr double size = 1e-4, tau = 10.0;
  const State u = localised(-1.0);
  const QuarticFlow of_bias = flow(-1.0);
  const Stability spectrum = stability(of_bias, u);
  for (const int m : {0, 1, 2, 9}) {
    const Eigen::VectorXd direction = spectrum.direction.col(m).real();
    const auto moved = [&](double sign) {
      State w = u;
      w.values() += sign * size * direction;
      const auto run =
          integrate(of_bias, w, {0.0, tau},
                    IntegrationOptions{.absolute_tolerance = 1e-12, .relative_tolerance = 1e-12});
      return Eigen::VectorXd(run.last.values());
    };
    const Eigen::VectorXd difference = (moved(1.0) - moved(-1.0)) / (2.0 * size);
    const double measured = std::log(direction.dot(difference)) / tau;
    BOOST_TEST(std::abs(measured - spectrum.growth[m]) < 1e-7, "direction " << m);
    BOOST_TEST((difference - direction.dot(difference) * direction).norm() < 1e-6);
  }
}

// Wider bumps, at a smaller bias, do not feel the sites: the search ends where integration ends,
// but for a translation to where the sites would hold it in the end. The error of
// the integration is the tolerance of a step divided by the slowest decay rate.
BOOST_AUTO_TEST_CASE(search_and_long_integration_agree) {
  const QuarticFlow of_bias = flow(-0.78);
  const auto run = integrate(of_bias, of_bias.state(start()), {0.0, 500.0});
  BOOST_TEST((run.end.reason == StopReason::reached_end));
  State u = run.last;
  BOOST_TEST((find_fixed_point(of_bias, u).reason == SolveReason::converged));
  // Newton's method for the translation, of which D is the derivative.
  const FourierBasis basis(torus);
  Field back = u.values();
  for (int step = 0; step < 6; ++step) {
    const Field D = basis.derivative(back, 0);
    back = basis.displaced(back, 0, D.dot(back - run.last.values()) / D.squaredNorm());
  }
  BOOST_TEST((back - run.last.values()).norm() < 1e-7);
  BOOST_TEST(inverse_participation_ratio(of_bias.weights(u).row(0).transpose()) > 2.0 / 24.0);
  const Stability spectrum = stability(of_bias, u);
  BOOST_TEST(spectrum.unstable() == 0);
  const auto modes = translation_modes(spectrum, translations(u));
  BOOST_TEST_REQUIRE(modes.size() == 1U);
  BOOST_TEST(std::abs(modes[0].growth) < 1e-9);
  BOOST_TEST(modes[0].overlap > 1.0 - 1e-9);
}

BOOST_AUTO_TEST_CASE(nothing_and_the_uniform_field_are_unstable) {
  const QuarticFlow of_bias = flow(-1.0);
  const Field mu = full_spectrum(torus, rates_at_zero(-1.0));
  BOOST_TEST((mu.array() > 0.0).count() > 1);
  BOOST_TEST(stability(of_bias, State(of_bias.layout())).unstable() == (mu.array() > 0.0).count());

  State u = uniform(-1.0);
  const State expected = u;
  BOOST_TEST(rate(of_bias, u) < 1e-14);
  u.values() *= 1.1;
  BOOST_TEST((find_fixed_point(of_bias, u, {.stable = false}).reason == SolveReason::converged));
  BOOST_TEST((u.values() - expected.values()).norm() < rounding);
  const Stability spectrum = stability(of_bias, u);
  BOOST_TEST(spectrum.unstable() > 0);
  BOOST_TEST(translation_modes(spectrum, translations(u)).empty());
}

// From b = -1 upwards the bump widens until it is uniform, at the bias where the uniform field
// loses its stability to the first mode; that field ends at the linear threshold of (Eq. 21). Both
// are known to what a point at right angles to the parameter is: half of (1e-5)^2 times the radius
// of curvature.
BOOST_AUTO_TEST_CASE(the_localised_branch_ends_on_the_uniform_one_and_that_at_the_threshold) {
  const auto family = [this](double bias) { return flow(bias); };
  const auto special = [](const auto& point) { return point.kind != PointKind::regular; };
  const auto bumps = follow_branch(family, localised(-1.0), {-1.0, -0.5}, special);
  BOOST_TEST_REQUIRE((bumps.end == BranchEnd::stopped));
  const auto& flat = bumps.points.back();
  BOOST_TEST((flat.kind == PointKind::pitchfork));
  BOOST_TEST((flat.w.values().cwiseAbs() - uniform(flat.parameter).values().cwiseAbs()).norm() <
             1e-4);
  const QuarticFlow at_end = flow(flat.parameter);
  const Stability spectrum = stability(at_end, uniform(flat.parameter));
  BOOST_TEST(std::abs(spectrum.growth[0]) < 1e-8);  // of the first mode, cosine
  BOOST_TEST(std::abs(spectrum.growth[1]) < 1e-8);  // and sine
  for (const auto& point : bumps.points) BOOST_TEST(point.unstable == 0);

  const auto flats = follow_branch(family, uniform(-1.0), {-1.0, -0.5}, special);
  BOOST_TEST_REQUIRE((flats.end == BranchEnd::stopped));
  for (const auto& point : flats.points)
    BOOST_TEST((point.unstable > 0) == (point.parameter < flat.parameter));
  const auto& last = flats.points.back();
  BOOST_TEST((last.kind == PointKind::pitchfork));
  BOOST_TEST(last.w.values().norm() < 1e-4);
  BOOST_TEST(std::abs(rates_at_zero(last.parameter).maxCoeff()) < 1e-8);
  BOOST_TEST(last.parameter > flat.parameter + 0.01);
}

BOOST_AUTO_TEST_CASE(the_lattice_is_that_of_the_flow) {
  const auto family = [this](double bias) { return flow(bias); };
  const QuarticFlow of_bias = flow(-1.0);
  State u = uniform(-1.0), other(StateLayout{Torus({4, 6})});
  BOOST_CHECK_THROW(find_fixed_point(of_bias, u, {.lattice = torus}), std::invalid_argument);
  BOOST_CHECK_THROW(find_fixed_point(of_bias, other), std::invalid_argument);
  BOOST_CHECK_THROW(stability(of_bias, other), std::invalid_argument);
  BOOST_CHECK_THROW(follow_branch(family, other, {-1.0, -0.5}), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

// The same on a ring of 100 sites, at every gain: the sites hold the bump so weakly that an
// ordinary search runs into 500 steps. Independently: the rate of the state found, a Jacobian by
// hand, and the flow itself, for long, from beside it.
BOOST_AUTO_TEST_SUITE(fixed_points_over_the_gain)

BOOST_AUTO_TEST_CASE(every_search_ends_in_a_few_steps_at_a_stable_bump) {
  constexpr int most_steps = 40;
  const Torus torus({100});
  for (const double gain : {1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0}) {
    const Task task = two_lengths(torus.shape(), gain, 8.0, 1.0);
    std::vector<CumulantOperator> cumulants;
    for (const TaskClass& c : task) cumulants.push_back(exact_cumulant(c.input, 1e-9));
    for (const double bias : {-1.0, -0.9}) {
      BOOST_TEST_CONTEXT("gain " << gain << ", bias " << bias) {
        const QuarticFlow flow(task, QuarticRing::neuron(bias), Loss::squared, cumulants);
        State u = integrate(flow, flow.state(random_weights(1, 100, 1, 1.0)), {0.0, 100.0}).last;
        const FixedPointResult found = find_fixed_point(flow, u, {.step_limit = most_steps});
        BOOST_TEST((found.reason == SolveReason::converged));
        BOOST_TEST(found.residual <= 1e-12);
        BOOST_TEST(std::abs(rate(flow, u) -
                            std::hypot(found.residual, found.translation_residual)) < 1e-13);
        BOOST_TEST(found.drift.cwiseAbs().maxCoeff() <= 1e-8);

        const Stability spectrum = stability(flow, u);
        BOOST_TEST(spectrum.growth.size() == 100);
        BOOST_TEST(spectrum.unstable() == 0);
        BOOST_TEST((spectrum.growth - growth_by_hand(flow, u)).cwiseAbs().maxCoeff() < 4e-9);
        const auto modes = translation_modes(spectrum, translations(u));
        BOOST_TEST_REQUIRE(modes.size() == 1U);
        BOOST_TEST(modes[0].index == 0);
        BOOST_TEST(modes[0].growth < 1e-8);
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
