#include <cmath>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/flow/quartic_flow.hpp"

#include "analytic_flows.hpp"
#include "dynamics/dormand_prince.hpp"
#include "log_slope.hpp"
#include "random_weights.hpp"
#include "reference_tasks.hpp"

BOOST_AUTO_TEST_SUITE(convergence_of_integrate)

using namespace popflow;
using namespace popflow::test;

namespace {

struct Measured {
  std::vector<double> tolerance, error, steps;
};

// From 0 to t_end, both tolerances alike.
template <class F>
Trajectory<StateOf<F>> advance(F flow, const StateOf<F>& start, double t_end, double tolerance) {
  return integrate(
      flow, start, {0.0, t_end},
      IntegrationOptions{
          .absolute_tolerance = tolerance, .relative_tolerance = tolerance, .first_step = 0.02});
}

double distance(const Eigen::VectorXd& a, const Eigen::VectorXd& b) { return (a - b).norm(); }

double distance(const State& a, const State& b) { return distance(a.values(), b.values()); }

// Tolerances 1e-7 to 1e-12, a factor of two apart: looser ones take so few steps that the first and
// the last, which are not the controller's, weigh; tighter ones approach rounding.
template <class F>
Measured errors_against_tolerance(const F& flow, const StateOf<F>& start, double t_end,
                                  const StateOf<F>& solution) {
  Measured measured;
  for (double tolerance = 1e-7; tolerance > 1e-12; tolerance /= 2.0) {
    const auto run = advance(flow, start, t_end, tolerance);
    measured.tolerance.push_back(tolerance);
    measured.error.push_back(distance(run.last, solution));
    measured.steps.push_back(static_cast<double>(run.end.steps));
  }
  return measured;
}

template <class F>
Measured errors_against_tolerance(const Eigen::VectorXd& start, double t_end) {
  return errors_against_tolerance(F{}, start, t_end, F::solution(start, t_end));
}

// The controlled quantity is the error of the embedded fourth-order step, ~ h^5, so h ~
// tolerance^(1/5) and the number of steps ~ tolerance^(-1/5); the fifth-order solution's global
// error is ~ h^5 ~ tolerance.
void check_orders(const Measured& measured) {
  BOOST_TEST_MESSAGE("error slope " << log_slope(measured.tolerance, measured.error)
                                    << ", steps slope "
                                    << log_slope(measured.tolerance, measured.steps));
  BOOST_TEST(std::abs(log_slope(measured.tolerance, measured.error) - 1.0) < 0.1);
  BOOST_TEST(std::abs(log_slope(measured.tolerance, measured.steps) + 0.2) < 0.02);
}

}  // namespace

BOOST_AUTO_TEST_CASE(error_is_proportional_to_the_tolerance_for_the_oscillator) {
  check_orders(errors_against_tolerance<Oscillator>(Eigen::Vector2d(1.0, 0.5), 20.0));
}

BOOST_AUTO_TEST_CASE(error_is_proportional_to_the_tolerance_for_the_logistic_flow) {
  check_orders(errors_against_tolerance<::LogisticFlow>(Eigen::Vector3d(0.01, 0.1, 1.7), 4.0));
}

// At tau = 10 the state is as far from its start as from zero, and still moves, by a twentieth of
// that in a unit of time. It settles over some ten more: at the fixed point the error would be that
// of the last steps alone, and its controlled steps those that are just stable.
BOOST_AUTO_TEST_CASE(error_is_proportional_to_the_tolerance_for_the_quartic_flow) {
  constexpr double t_end = 10.0;
  const QuarticFlow flow(two_lengths({12}, 3.0, 4.0, 1.0), {Erf{}, -1.0, 1.0}, Loss::squared);
  const State start = flow.state(random_weights(1, 12, 1, 0.5));
  const State solution = advance(flow, start, t_end, 1e-13).last;
  check_orders(errors_against_tolerance(flow, start, t_end, solution));
}

BOOST_AUTO_TEST_CASE(fixed_steps_are_of_order_five) {
  const Eigen::VectorXd start = Eigen::Vector2d(1.0, 0.5);
  std::vector<double> size, error;
  for (int steps = 20; steps <= 320; steps *= 2) {
    Oscillator flow;
    DormandPrince stepper;
    Eigen::VectorXd w = start;
    const double h = 10.0 / steps;
    for (int n = 0; n < steps; ++n) stepper.do_step(std::ref(flow), w, n * h, h);
    size.push_back(h);
    error.push_back((w - Oscillator::solution(start, 10.0)).norm());
  }
  BOOST_TEST_MESSAGE("order " << log_slope(size, error));
  BOOST_TEST(std::abs(log_slope(size, error) - 5.0) < 0.1);
}

BOOST_AUTO_TEST_SUITE_END()
