#include <array>
#include <cmath>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/dynamics/gradient_flow.hpp"
#include "popflow/dynamics/integrate.hpp"
#include "popflow/dynamics/schedule.hpp"
#include "popflow/flow/quartic_flow.hpp"

#include "random_values.hpp"
#include "random_weights.hpp"
#include "reference_tasks.hpp"

BOOST_AUTO_TEST_SUITE(trajectory)

using namespace popflow;
using namespace popflow::test;

namespace {

// exp(-tau) is integrated to the default tolerances; transforms add rounding.
constexpr double accuracy = 1e-7;

struct Decay {
  Eigen::Index size = 2;

  Eigen::Index dimension() const { return size; }
  void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double) const { dwdt = -w; }
};

// The gradient of half the squared norm: a network that decays.
struct Bowl {
  Torus lattice;

  const Torus& torus() const { return lattice; }
  void operator()(const Parameters& at, Parameters& out) const { out.values = at.values; }
};

QuarticFlow quartic(const std::vector<int>& shape) {
  return {lopsided_task(shape), {Erf{}, -0.7, 0.8}, Loss::squared};
}

void holds_parameters_of_every_time(const Torus& torus, const Learning& learning) {
  Parameters start(2, torus.sites());
  start.values = random_values(start.values.size(), 1);
  const GradientFlow flow(Bowl{torus}, start, learning);
  const auto times = linear_schedule(2.0, 5);
  const auto run = integrate(flow, flow.state(start), times);
  BOOST_TEST(run.time == times);
  BOOST_TEST_REQUIRE(run.states.size() == times.size());
  for (std::size_t n = 0; n < times.size(); ++n) {
    Parameters expected = start;
    const double left = std::exp(-times[n]);
    expected.first() *= left;
    if (learning.bias_rate > 0.0) expected.bias() *= left;
    if (learning.second_layer_rate > 0.0) expected.second() *= left;
    const Parameters found = flow.parameters(run.states[n]);
    BOOST_TEST((found.values - expected.values).norm() < accuracy * start.values.norm());
    BOOST_TEST((flow.weights(run.states[n]) == found.first()));
  }
  BOOST_TEST((run.last.values() == run.states.back().values()));
}

// The message that integrating from `start` is refused with, by error control and by fixed steps.
template <Flow F>
void check_refusal(const F& flow, const StateOf<F>& start, const std::string& message) {
  const auto is_that = [&message](const std::invalid_argument& error) {
    BOOST_TEST_MESSAGE(error.what());
    return error.what() == message;
  };
  BOOST_CHECK_EXCEPTION(integrate(flow, start, {0.0, 1.0}), std::invalid_argument, is_that);
  BOOST_CHECK_EXCEPTION(integrate_fixed(flow, start, {0.0, 1.0}), std::invalid_argument, is_that);
}

}  // namespace

BOOST_AUTO_TEST_CASE(states_are_those_of_the_scheduled_times) {
  for (const Learning& learning :
       {Learning{}, Learning{.bias_rate = 1.0}, Learning{.second_layer_rate = 1.0},
        Learning{.bias_rate = 1.0, .second_layer_rate = 1.0}}) {
    holds_parameters_of_every_time(Torus({7}), learning);
    holds_parameters_of_every_time(Torus({4, 6}), learning);
  }
}

// Neither flow, state, times nor observer need have a name.
BOOST_AUTO_TEST_CASE(arguments_may_be_temporary) {
  const auto run = integrate(Decay{}, Eigen::Vector2d(1.0, -2.0), {0.0, 0.5, 2.0});
  BOOST_TEST((run.end.reason == StopReason::reached_end));
  BOOST_TEST(run.end.tau == 2.0);
  BOOST_TEST(run.time == (std::vector{0.0, 0.5, 2.0}), boost::test_tools::per_element());
  BOOST_TEST_REQUIRE(run.states.size() == 3U);
  BOOST_TEST((run.states[0] == Eigen::Vector2d(1.0, -2.0)));
  for (std::size_t n = 0; n < 3; ++n)
    BOOST_TEST((run.states[n] - std::exp(-run.time[n]) * Eigen::Vector2d(1.0, -2.0)).norm() <
               accuracy);
  BOOST_TEST((run.last == run.states[2]));

  const QuarticFlow flow = quartic({7});
  const Weights u = random_weights(1, 7, 1);
  const auto named = integrate(flow, flow.state(u), {0.0, 0.5});
  const auto other = integrate(quartic({7}), flow.state(u), {0.0, 0.5});
  BOOST_TEST((named.states[0].values() == flow.state(u).values()));
  BOOST_TEST((other.last.values() == named.last.values()));
  const auto fixed = integrate_fixed(Decay{}, Eigen::Vector2d(1.0, -2.0), {0.0, 1.0},
                                     FixedStepOptions{.step = 1.0});
  // The series of exp(-1) to fourth order.
  BOOST_TEST((fixed.last - 0.375 * Eigen::Vector2d(1.0, -2.0)).norm() < 1e-15);
}

BOOST_AUTO_TEST_CASE(the_start_is_left_alone) {
  const QuarticFlow flow = quartic({7});
  const State start = flow.state(random_weights(1, 7, 2)), copy = start;
  const auto run = integrate(flow, start, {0.0, 1.0});
  BOOST_TEST((start.values() == copy.values()));
  BOOST_TEST((run.last.values() != copy.values()));
}

BOOST_AUTO_TEST_CASE(times_may_be_any_range_of_numbers) {
  const std::vector<double> vector{0.0, 0.3, 1.0};
  const Decay flow{1};
  const Eigen::VectorXd start = Eigen::VectorXd::Ones(1);
  const auto expected = integrate(flow, start, {0.0, 0.3, 1.0});
  const auto check = [&](const Times& times) {
    const auto run = integrate(flow, start, times);
    BOOST_TEST(run.time == expected.time);
    BOOST_TEST((run.last == expected.last));
  };
  check(vector);
  check(std::span<const double>(vector));
  check(std::array{0.0, 0.3, 1.0});
  check(Eigen::VectorXd(Eigen::Vector3d(0.0, 0.3, 1.0)));
}

BOOST_AUTO_TEST_CASE(the_last_state_may_lie_between_two_times) {
  const IntegrationOptions few{.step_limit = 5};
  const auto run = integrate(Decay{}, Eigen::Vector2d(1.0, -2.0), {0.0, 1e-3, 10.0}, few);
  BOOST_TEST((run.end.reason == StopReason::step_limit));
  BOOST_TEST(run.time == (std::vector{0.0, 1e-3}), boost::test_tools::per_element());
  BOOST_TEST(run.states.size() == 2U);
  BOOST_TEST(run.end.tau > 1e-3);
  BOOST_TEST(run.end.tau < 10.0);
  BOOST_TEST((run.last - std::exp(-run.end.tau) * Eigen::Vector2d(1.0, -2.0)).norm() < accuracy);

  const QuarticFlow flow = quartic({3, 4});
  const State start = flow.state(random_weights(1, 12, 1));
  const auto cut = integrate(flow, start, {0.0, 100.0}, few);
  BOOST_TEST((cut.end.reason == StopReason::step_limit));
  BOOST_TEST(cut.states.size() == 1U);
  const auto until = integrate(flow, start, {0.0, cut.end.tau});
  BOOST_TEST((until.end.reason == StopReason::reached_end));
  BOOST_TEST((cut.last.values() - until.last.values()).norm() < accuracy);
  BOOST_TEST((cut.last.values() - start.values()).norm() > 1e3 * accuracy);
}

// Whatever else it returns does not stop.
BOOST_AUTO_TEST_CASE(an_observer_may_stop) {
  const Eigen::Vector2d start(1.0, -2.0);
  const std::vector<double> times{0.0, 0.5, 1.0, 2.0};
  std::vector<double> seen;
  std::vector<Eigen::VectorXd> states;
  const auto look = [&](const Eigen::VectorXd& w, double tau) {
    seen.push_back(tau);
    states.push_back(w);
    return 1;
  };
  const auto until = [&](double end) {
    seen.clear();
    states.clear();
    return [&look, end](const Eigen::VectorXd& w, double tau) {
      look(w, tau);
      return tau >= end;
    };
  };
  const auto check = [&](const Trajectory<Eigen::VectorXd>& run, StopReason reason,
                         std::size_t size) {
    BOOST_TEST((run.end.reason == reason));
    BOOST_TEST_REQUIRE(run.states.size() == size);
    BOOST_TEST(run.time == std::vector(times.begin(), times.begin() + static_cast<long>(size)),
               boost::test_tools::per_element());
    BOOST_TEST(seen == run.time, boost::test_tools::per_element());
    BOOST_TEST((states == run.states));
    BOOST_TEST((run.last == run.states.back()));
    BOOST_TEST(run.end.tau == run.time.back());
  };
  check(integrate(Decay{}, start, times, until(1.0)), StopReason::stopped, 3);
  check(integrate(Decay{}, start, times, until(0.0)), StopReason::stopped, 1);
  check(integrate(Decay{}, start, times, until(3.0)), StopReason::reached_end, 4);
  check(integrate_fixed(Decay{}, start, times, until(1.0)), StopReason::stopped, 3);
  check(integrate_fixed(Decay{}, start, times, until(0.0)), StopReason::stopped, 1);
  seen.clear();
  states.clear();
  check(integrate(Decay{}, start, times, look), StopReason::reached_end, 4);

  const QuarticFlow flow = quartic({7});
  const auto at_once = integrate(flow, flow.state(random_weights(1, 7, 1)), times,
                                 [](const State&, double) { return true; });
  BOOST_TEST((at_once.end.reason == StopReason::stopped));
  BOOST_TEST(at_once.states.size() == 1U);
  BOOST_TEST(at_once.end.steps == 0U);
}

BOOST_AUTO_TEST_CASE(without_an_observer_it_is_the_same) {
  const QuarticFlow flow = quartic({7});
  const State start = flow.state(random_weights(1, 7, 1));
  const std::vector<double> times{0.0, 1.0, 5.0};
  const IntegrationOptions loose{.absolute_tolerance = 1e-4, .relative_tolerance = 1e-4};
  std::vector<Eigen::VectorXd> seen;
  const auto look = [&seen](const State& w, double) { seen.push_back(w.values()); };
  const auto check = [&](const Trajectory<State>& observed, const Trajectory<State>& alone) {
    BOOST_TEST_REQUIRE(seen.size() == alone.states.size());
    for (std::size_t n = 0; n < seen.size(); ++n) {
      BOOST_TEST((observed.states[n].values() == seen[n]));
      BOOST_TEST((alone.states[n].values() == seen[n]));
    }
    BOOST_TEST(alone.end.steps == observed.end.steps);
    seen.clear();
  };
  check(integrate(flow, start, times, look), integrate(flow, start, times));
  check(integrate(flow, start, times, look, loose), integrate(flow, start, times, loose));
  check(integrate_fixed(flow, start, times, look), integrate_fixed(flow, start, times));
  const FixedStepOptions long_steps{.step = 1.0};
  check(integrate_fixed(flow, start, times, look, long_steps),
        integrate_fixed(flow, start, times, long_steps));
}

BOOST_AUTO_TEST_CASE(states_of_another_flow_are_refused) {
  check_refusal(Decay{2}, Eigen::Vector3d::Ones(), "state of 3 entries: the flow has 2");
  const QuarticFlow ring = quartic({12});
  const std::string of_ring =
      "1 neurons on a lattice of 12 sites, fixed biases and fixed second layer";
  const QuarticFlow torus = quartic({3, 4});
  check_refusal(ring, torus.state(random_weights(1, 12, 1)),
                "state of 1 neurons on a lattice of 3 x 4 sites, fixed biases and fixed second "
                "layer: the flow is of " +
                    of_ring);
  // This state also has 12 entries: 11 sites and a bias.
  const GradientFlow biased(Bowl{Torus({11})}, Parameters(1, 11), {.bias_rate = 1.0});
  const State with_bias(biased.layout());
  BOOST_TEST(with_bias.values().size() == ring.dimension());
  check_refusal(ring, with_bias,
                "state of 1 neurons on a lattice of 11 sites, trained biases and fixed second "
                "layer: the flow is of " +
                    of_ring);
}

BOOST_AUTO_TEST_SUITE_END()
