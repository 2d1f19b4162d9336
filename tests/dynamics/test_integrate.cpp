#include <limits>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/dynamics/schedule.hpp"

#include "allocation_precondition.hpp"
#include "analytic_flows.hpp"
#include "dynamics/dormand_prince.hpp"
#include "random_values.hpp"

BOOST_AUTO_TEST_SUITE(integrate_)

using popflow::integrate;
using popflow::IntegrationOptions;
using popflow::StopReason;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// Errors of single steps add up over a few dozen steps at most.
constexpr double tolerance_factor = 50.0;

struct Seen {
  std::vector<double> tau;
  std::vector<Eigen::VectorXd> state;
  void operator()(const Eigen::VectorXd& w, double t) {
    tau.push_back(t);
    state.push_back(w);
  }
};

const auto nothing = [](const Eigen::VectorXd&, double) {};

Eigen::VectorXd one(double value) { return Eigen::VectorXd::Constant(1, value); }

}  // namespace

BOOST_AUTO_TEST_CASE(observer_sees_the_solution_at_exactly_the_scheduled_times) {
  const Eigen::VectorXd start = Eigen::Vector3d(0.01, 0.5, 1.7);
  const std::vector<double> times = {0.0, 1e-9, 0.1, 0.1 + 1e-15, 1.0 / 3.0, 2.0, 20.0};
  for (double tolerance : {1e-5, 1e-8, 1e-11}) {
    LogisticFlow flow;
    Seen seen;
    const auto run = integrate(flow, start, times, seen,
                               {.absolute_tolerance = tolerance, .relative_tolerance = tolerance});
    BOOST_TEST((run.end.reason == StopReason::reached_end));
    BOOST_TEST(run.end.tau == 20.0);
    BOOST_TEST(seen.tau == times);
    BOOST_TEST(seen.state.back() == run.last);
    for (std::size_t i = 0; i < times.size(); ++i)
      BOOST_TEST((seen.state[i] - LogisticFlow::solution(start, times[i])).norm() <
                 tolerance_factor * tolerance);
  }
}

BOOST_AUTO_TEST_CASE(the_end_is_reached_exactly_whatever_its_digits) {
  Clock flow;
  for (int seed = 0; seed < 200; ++seed) {
    const double end = 2.0 + popflow::test::random_values(1, seed)[0];
    const double middle = end / 3.0;  // then middle + (end - middle) often differs from end
    const auto run = integrate(flow, one(0.0), {0.0, middle, end}, nothing, {.first_step = 10.0});
    BOOST_TEST(run.end.tau == end);
    BOOST_TEST(run.end.steps == 2u);
  }
}

BOOST_AUTO_TEST_CASE(a_step_is_accepted_when_its_error_is_within_the_tolerance) {
  const Eigen::VectorXd start = Eigen::Vector3d(0.01, 0.5, 1.7);
  const double step = 0.5;
  LogisticFlow flow;
  Eigen::VectorXd rate(3), next(3), next_rate(3), estimate(3);
  flow(start, rate, 0.0);
  popflow::DormandPrince().do_step(std::ref(flow), start, rate, 0.0, next, next_rate, step,
                                   estimate);
  const auto rejected = [&](double absolute, double relative) {
    return integrate(flow, start, {0.0, 100.0}, nothing,
                     {.absolute_tolerance = absolute,
                      .relative_tolerance = relative,
                      .first_step = step,
                      .step_limit = 1})
        .end.rejected;
  };
  const double error = estimate.norm(), relative_error = error / start.norm();
  BOOST_TEST(rejected(1.01 * error, 0.0) == 0u);
  BOOST_TEST(rejected(0.99 * error, 0.0) > 0u);
  BOOST_TEST(rejected(0.51 * error, 0.5 * relative_error) == 0u);
  BOOST_TEST(rejected(0.49 * error, 0.5 * relative_error) > 0u);
}

BOOST_AUTO_TEST_CASE(an_observer_is_not_copied) {
  struct Counter {
    int count = 0;
    Counter() = default;
    Counter(const Counter&) = delete;
    void operator()(const Eigen::VectorXd&, double) { ++count; }
  } counter;
  Oscillator flow;
  integrate(flow, Eigen::Vector2d(1.0, 0.0), popflow::linear_schedule(1.0, 11), counter);
  BOOST_TEST(counter.count == 11);
}

BOOST_AUTO_TEST_CASE(the_first_scheduled_time_is_the_initial_time) {
  Clock flow;
  Seen seen;
  const auto run = integrate(flow, one(9.0), {3.0, 5.0}, seen);
  BOOST_TEST(seen.state[0][0] == 9.0);
  BOOST_TEST(std::abs(run.last[0] - 25.0) < 1e-12);  // the step is exact for polynomials
}

BOOST_AUTO_TEST_CASE(one_time_is_observed_and_nothing_is_integrated) {
  Oscillator flow;
  Seen seen;
  const auto run = integrate(flow, Eigen::Vector2d(1.0, 2.0), {4.0}, seen);
  BOOST_TEST((run.end.reason == StopReason::reached_end));
  BOOST_TEST(run.end.tau == 4.0);
  BOOST_TEST(run.end.steps == 0);
  BOOST_TEST(seen.tau == std::vector{4.0});
  BOOST_TEST(run.last == Eigen::VectorXd(Eigen::Vector2d(1.0, 2.0)));
}

BOOST_AUTO_TEST_CASE(every_evaluation_is_counted) {
  Oscillator flow;
  const auto result =
      integrate(flow, Eigen::Vector2d(1.0, 0.0), {0.0, 10.0}, nothing, {.first_step = 5.0}).end;
  BOOST_TEST(result.rejected > 0);
  BOOST_TEST(result.evaluations == flow.calls);
  BOOST_TEST(result.evaluations == 1 + 6 * (result.steps + result.rejected));
}

BOOST_AUTO_TEST_CASE(a_cut_step_does_not_shorten_the_next) {
  Oscillator flow;
  const Eigen::Vector2d start(1.0, 0.0);
  const auto free = integrate(flow, start, {0.0, 100.0});
  // A snapshot right after another one cuts a step to almost nothing.
  std::vector<double> times = {0.0};
  for (int i = 1; i <= 10; ++i) times.insert(times.end(), {10.0 * i - 1e-9, 10.0 * i});
  const auto cut = integrate(flow, start, times);
  // Two cut steps for each pair.
  BOOST_TEST(cut.end.steps <= free.end.steps + 20);
}

BOOST_AUTO_TEST_CASE(steps_do_not_depend_on_the_direction_of_the_state) {
  Oscillator flow;
  const auto a = integrate(flow, Eigen::Vector2d(1.0, 0.0), {0.0, 30.0});
  const auto b = integrate(flow, Eigen::Vector2d(std::cos(0.3), std::sin(0.3)), {0.0, 30.0});
  BOOST_TEST(a.end.steps == b.end.steps);
  // The same steps, so the same error: rotations commute with the flow to rounding.
  const Eigen::Vector2d expected(std::cos(0.3) * a.last[0] - std::sin(0.3) * a.last[1],
                                 std::sin(0.3) * a.last[0] + std::cos(0.3) * a.last[1]);
  BOOST_TEST((b.last - expected).norm() < 1e-12);
}

BOOST_AUTO_TEST_CASE(steps_allocate_nothing,
                     *boost::unit_test::precondition(popflow::test::counting_allocations)) {
  const auto allocated_until = [](double t_end, std::size_t& steps) {
    LogisticFlow flow{.size = 1000};
    const Eigen::VectorXd w = Eigen::VectorXd::LinSpaced(1000, 0.01, 2.0);
    const std::size_t before = popflow::test::allocation_count();
    steps = integrate(flow, w, {0.0, t_end}, nothing).end.steps;
    return popflow::test::allocation_count() - before;
  };
  std::size_t few = 0, many = 0;
  const std::size_t allocated_by_few = allocated_until(0.01, few);
  BOOST_TEST(allocated_until(20.0, many) == allocated_by_few);
  BOOST_TEST(allocated_by_few > 0);  // the count does count
  BOOST_TEST(many > 5 * few);
}

BOOST_AUTO_TEST_CASE(stops_where_the_flow_is_stationary) {
  LogisticFlow flow;
  Seen seen;
  const auto run = integrate(flow, Eigen::Vector3d(0.01, 0.5, 1.7),
                             popflow::linear_schedule(100.0, 101), seen, {.stationary_rate = 1e-4});
  BOOST_TEST((run.end.reason == StopReason::stationary));
  // w (1 - w) = 1e-4 near w = 1, which 0.01 reaches last: exp(tau) = 99 / 1e-4.
  const double expected = std::log(99.0 / 1e-4);
  BOOST_TEST(run.end.tau > expected);
  BOOST_TEST(run.end.tau < expected + 1.0);
  BOOST_TEST((run.last - LogisticFlow::solution(seen.state[0], run.end.tau)).norm() < 1e-6);
  BOOST_TEST(seen.tau.back() == std::floor(run.end.tau));  // nothing off schedule
}

BOOST_AUTO_TEST_CASE(a_fixed_point_is_stationary_at_once_or_never) {
  LogisticFlow flow;
  const Eigen::VectorXd w = Eigen::Vector3d::Ones();
  auto result = integrate(flow, w, {0.0, 1.0}, nothing, {.stationary_rate = 1e-300}).end;
  BOOST_TEST((result.reason == StopReason::stationary));
  BOOST_TEST(result.steps == 0);
  result = integrate(flow, w, {0.0, 1.0}).end;
  BOOST_TEST((result.reason == StopReason::reached_end));
}

// A rotation of the state, such as a shift of the lattice, leaves the norm alone.
BOOST_AUTO_TEST_CASE(the_norm_of_the_rate_decides_whether_the_flow_is_stationary) {
  LogisticFlow flow;
  const Eigen::Vector3d w(1.5, 1.5, 1.0);  // the rates are -0.75, -0.75 and 0: the norm is 1.06
  const auto reason = [&](double stationary_rate) {
    return integrate(flow, w, {0.0, 1e-3}, nothing, {.stationary_rate = stationary_rate})
        .end.reason;
  };
  BOOST_TEST((reason(1.05) == StopReason::reached_end));
  BOOST_TEST((reason(1.07) == StopReason::stationary));
}

BOOST_AUTO_TEST_CASE(stops_at_the_step_limit) {
  Oscillator flow;
  Seen seen;
  const auto run =
      integrate(flow, Eigen::Vector2d(1.0, 0.0), {0.0, 1000.0}, seen, {.step_limit = 17});
  BOOST_TEST((run.end.reason == StopReason::step_limit));
  BOOST_TEST(run.end.steps == 17);
  BOOST_TEST(run.end.tau < 1000.0);
  BOOST_TEST((run.last - Oscillator::solution(seen.state[0], run.end.tau)).norm() < 1e-6);
  BOOST_TEST(seen.tau == std::vector{0.0});
}

BOOST_AUTO_TEST_CASE(as_many_steps_as_needed_reach_the_end) {
  Oscillator flow;
  const Eigen::Vector2d start(1.0, 0.0);
  const auto free = integrate(flow, start, {0.0, 10.0});
  const auto limited = integrate(flow, start, {0.0, 10.0}, nothing, {.step_limit = free.end.steps});
  BOOST_TEST((limited.end.reason == StopReason::reached_end));
}

BOOST_AUTO_TEST_CASE(stops_when_interrupted) {
  Oscillator flow;
  Seen seen;
  int asked = 0;
  const auto run = integrate(flow, Eigen::Vector2d(1.0, 0.0), {0.0, 1000.0}, seen,
                             {.interrupted = [&asked] { return ++asked == 9; }});
  BOOST_TEST((run.end.reason == StopReason::interrupted));
  BOOST_TEST(run.end.steps + run.end.rejected == 8);
  BOOST_TEST((run.last - Oscillator::solution(seen.state[0], run.end.tau)).norm() < 1e-6);
}

BOOST_AUTO_TEST_CASE(divergence_in_finite_time_ends_with_the_last_finite_state) {
  Divergent flow;
  Seen seen;
  const auto run = integrate(flow, one(2.0), {0.0, 0.25, 1.0}, seen);
  BOOST_TEST((run.end.reason == StopReason::not_finite));
  BOOST_TEST(std::abs(run.end.tau - 0.5) < 1e-6);
  BOOST_TEST(std::isfinite(run.last[0]));
  BOOST_TEST(run.last[0] > 1e6);
  BOOST_TEST(seen.tau == (std::vector{0.0, 0.25}));
}

BOOST_AUTO_TEST_CASE(a_trial_step_that_is_not_finite_is_shortened_rather_than_taken) {
  Walled flow{.wall = 0.5};
  const auto stopped = integrate(flow, one(0.0), {0.0, 1.0}, nothing, {.first_step = 0.3});
  BOOST_TEST((stopped.end.reason == StopReason::not_finite));
  BOOST_TEST(std::abs(stopped.end.tau - 0.5) < 1e-12);
  BOOST_TEST(std::abs(stopped.last[0] - stopped.end.tau) < 1e-12);
  const auto short_of_it = integrate(flow, one(0.0), {0.0, 0.499}, nothing, {.first_step = 100.0});
  BOOST_TEST((short_of_it.end.reason == StopReason::reached_end));
}

BOOST_AUTO_TEST_CASE(a_step_to_a_rate_that_is_not_finite_is_not_taken) {
  struct Hiccup {
    int calls = 0;
    Eigen::Index dimension() const { return 1; }
    void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double) {
      // The seventh is the rate at the end of the first step, after the state there is known.
      dwdt[0] = ++calls == 7 ? not_a_number : -w[0];
    }
  } flow;
  const auto run = integrate(flow, one(1.0), {0.0, 1.0});
  BOOST_TEST((run.end.reason == StopReason::reached_end));
  BOOST_TEST(std::abs(run.last[0] - std::exp(-1.0)) < 1e-7);
}

BOOST_AUTO_TEST_CASE(a_state_that_overflows_at_a_finite_rate_is_not_kept) {
  struct Steep {
    Eigen::Index dimension() const { return 1; }
    void operator()(const Eigen::VectorXd&, Eigen::VectorXd& dwdt, double) { dwdt[0] = 1e308; }
  } flow;
  const auto run = integrate(flow, one(0.0), {0.0, 3.0});
  BOOST_TEST((run.end.reason == StopReason::not_finite));
  BOOST_TEST(std::isfinite(run.last[0]));
  BOOST_TEST(run.end.tau < 1.8);
}

BOOST_AUTO_TEST_CASE(an_initial_state_or_rate_that_is_not_finite_is_not_observed) {
  for (double bad : {not_a_number, infinity}) {
    Clock flow;  // its rate is finite whatever the state
    Seen seen;
    const auto run = integrate(flow, one(bad), {0.0, 1.0}, seen);
    BOOST_TEST((run.end.reason == StopReason::not_finite));
    BOOST_TEST(run.end.tau == 0.0);
    BOOST_TEST(run.states.empty());
    BOOST_TEST(seen.tau.empty());
  }
  Walled flow{.wall = -1.0};
  Seen seen;
  const auto run = integrate(flow, one(0.0), {0.0, 1.0}, seen);
  BOOST_TEST((run.end.reason == StopReason::not_finite));
  BOOST_TEST(run.states.empty());
  BOOST_TEST(seen.tau.empty());
}

BOOST_AUTO_TEST_CASE(errors_of_huge_states_are_still_controlled) {
  // Squares of these states overflow; without control the step would grow fivefold every time.
  Oscillator flow;
  const auto run = integrate(flow, Eigen::Vector2d(1e200, 0.0), {0.0, 10.0});
  BOOST_TEST((run.last / 1e200 - Oscillator::solution(Eigen::Vector2d(1.0, 0.0), 10.0)).norm() <
             1e-6);
}

BOOST_AUTO_TEST_CASE(what_the_observer_throws_passes_through) {
  Oscillator flow;
  const Eigen::Vector2d start(1.0, 0.0);
  Eigen::VectorXd w;
  const auto observe = [&w](const Eigen::VectorXd& state, double tau) {
    w = state;
    if (tau > 0.0) throw std::runtime_error("disk full");
  };
  BOOST_CHECK_THROW(integrate(flow, start, {0.0, 1.0}, observe), std::runtime_error);
  BOOST_TEST((w - Oscillator::solution(Eigen::Vector2d(1.0, 0.0), 1.0)).norm() < 1e-6);
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_refused) {
  Oscillator flow;
  const Eigen::VectorXd w = Eigen::Vector2d(1.0, 0.0), longer = Eigen::Vector3d::Ones();
  const std::vector<double> times = {0.0, 1.0};
  const auto refused = [&](const std::vector<double>& t, const IntegrationOptions& options) {
    BOOST_CHECK_THROW(integrate(flow, w, t, nothing, options), std::invalid_argument);
  };
  BOOST_CHECK_THROW(integrate(flow, longer, times, nothing), std::invalid_argument);
  refused({}, {});
  refused({0.0, 0.0}, {});
  refused({0.0, 2.0, 1.0}, {});
  refused({0.0, infinity}, {});
  refused({not_a_number}, {});
  refused({0.0, not_a_number, 1.0}, {});
  for (double bad : {0.0, -1.0, infinity, not_a_number}) {
    refused(times, {.absolute_tolerance = bad});
    refused(times, {.first_step = bad});
  }
  for (double bad : {-1.0, infinity, not_a_number}) {
    refused(times, {.relative_tolerance = bad});
    refused(times, {.stationary_rate = bad});
  }
  refused(times, {.step_limit = 0});
  BOOST_TEST(flow.calls == 0);
}

BOOST_AUTO_TEST_SUITE_END()
