#include <cmath>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/dynamics/orbit_flow.hpp"

#include "log_slope.hpp"
#include "random_values.hpp"
#include "reference_tasks.hpp"

BOOST_AUTO_TEST_SUITE(orbit_flow)

using namespace popflow;
using namespace popflow::test;

namespace {

// du/dt = -u + cos t, component by component, from u(0) = 1: u = (cos t + sin t + exp(-t)) / 2.
struct Forced {
  Eigen::Index dimension() const { return 2; }
  void operator()(const Eigen::VectorXd& u, Eigen::VectorXd& rate, double tau) {
    rate = -u + Eigen::VectorXd::Constant(2, std::cos(tau));
  }
  static double exact(double t) { return 0.5 * (std::cos(t) + std::sin(t) + std::exp(-t)); }
};

double error_with(double step) {
  const auto run = integrate_fixed(Forced{}, Eigen::VectorXd::Ones(2), {0.0, 1.0, 2.0},
                                   FixedStepOptions{.step = step});
  return std::abs(run.last[0] - Forced::exact(2.0));
}

}  // namespace

BOOST_AUTO_TEST_CASE(fixed_steps_have_fourth_order) {
  const std::vector<double> steps{0.1, 0.05, 0.025};
  std::vector<double> errors;
  for (const double step : steps) errors.push_back(error_with(step));
  BOOST_TEST(std::abs(log_slope(steps, errors) - 4.0) < 0.1);
}

BOOST_AUTO_TEST_CASE(fixed_steps_meet_every_scheduled_time) {
  Forced flow;
  const std::vector<double> times{0.0, 0.3, 1.05, 2.0};
  std::vector<double> seen;
  const IntegrationResult result =
      integrate_fixed(flow, Eigen::VectorXd::Ones(2), times,
                      [&seen](const Eigen::VectorXd& state, double tau) {
                        seen.push_back(tau);
                        BOOST_TEST(std::abs(state[1] - Forced::exact(tau)) < 1e-6);
                      },
                      {.step = 0.1})
          .end;
  BOOST_TEST(seen == times, boost::test_tools::per_element());
  BOOST_TEST(result.steps == 3U + 8U + 10U);
  BOOST_TEST(result.evaluations == 4 * result.steps);
  BOOST_TEST(result.tau == 2.0);
}

BOOST_AUTO_TEST_CASE(fixed_steps_stop_when_asked_or_diverging) {
  Forced flow;
  Eigen::VectorXd u = Eigen::VectorXd::Ones(2);
  const auto ignore = [](const Eigen::VectorXd&, double) {};
  int asked = 0;
  const auto stopped = integrate_fixed(
      flow, u, {0.0, 1.0}, ignore, {.step = 0.1, .interrupted = [&asked] { return ++asked > 3; }});
  BOOST_TEST((stopped.end.reason == StopReason::interrupted));
  BOOST_TEST(stopped.end.steps == 3U);
  u.setConstant(1e308);
  const auto diverged = integrate_fixed(flow, u, {0.0, 1e6}, ignore, {.step = 1e6});
  BOOST_TEST((diverged.end.reason == StopReason::not_finite));
  BOOST_TEST(diverged.last.allFinite());
  for (const double step : {0.0, -1.0, std::nan("")})
    BOOST_CHECK_THROW(integrate_fixed(flow, u, {0.0, 1.0}, ignore, {.step = step}),
                      std::invalid_argument);
}

// A flow need not know what to do with a state that is not finite.
BOOST_AUTO_TEST_CASE(no_flow_is_asked_of_a_state_that_is_not_finite) {
  struct Steep {
    Eigen::Index dimension() const { return 1; }
    void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& rate, double) const {
      BOOST_REQUIRE(w.allFinite());
      rate = Eigen::VectorXd::Constant(1, 1e300 * w[0]);
    }
  } flow;
  const auto ignore = [](const Eigen::VectorXd&, double) {};
  const Eigen::VectorXd u = Eigen::VectorXd::Ones(1);
  const std::vector times{0.0, 1e6};
  BOOST_TEST((integrate_fixed(flow, u, times, ignore, {.step = 1e6}).end.reason ==
              StopReason::not_finite));
  BOOST_TEST((integrate(flow, u, times, ignore, {.first_step = 1e6}).end.reason ==
              StopReason::not_finite));
}

BOOST_AUTO_TEST_CASE(rate_is_minus_the_gradient_and_decay_with_samples_of_its_own) {
  const Task task = lopsided_task({7});
  Parameters parameters(2, 7);
  parameters.values = random_values(parameters.values.size(), 1);
  const Learning learning{.bias_rate = 0.5, .second_layer_rate = 2.0, .l1 = 0.1, .l2 = 0.3};
  const OrbitGradient::Options options{300, 4, 1};
  const OrbitFlow flow(task, {}, parameters, learning, options);
  OrbitGradient orbit(task, {}, 2, options);
  const State w = flow.state(parameters);
  parameters = flow.parameters(w);  // as rounded as the flow has them
  for (const std::uint64_t evaluation : {0, 1, 2}) {
    Parameters expected = orbit.gradient(parameters, evaluation);
    expected.values *= -1.0;
    expected.first() -= 0.3 * parameters.first();
    expected.first().array() -= 0.1 * parameters.first().array().sign();
    expected.bias() *= 0.5;
    expected.second() *= 2.0;
    const State rate = flow(w);
    BOOST_TEST((rate.values() - flow.state(expected).values()).cwiseAbs().maxCoeff() < 1e-15);
    Parameters error = parameters;
    error.values = orbit.standard_error();
    error.bias() *= 0.5;
    error.second() *= 2.0;
    BOOST_TEST((flow.standard_error().values == error.values));
  }
}

BOOST_AUTO_TEST_SUITE_END()
