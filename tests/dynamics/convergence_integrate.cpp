#include <cmath>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/dynamics/integrate.hpp"

#include "analytic_flows.hpp"
#include "log_slope.hpp"

using namespace popflow;
using popflow::test::log_slope;

namespace {

struct Measured {
  std::vector<double> tolerance, error, steps;
};

// Tolerances 1e-7 to 1e-12, a factor of two apart: looser ones take so few steps that the first and
// the last, which are not the controller's, weigh; tighter ones approach rounding.
template <class F>
Measured errors_against_tolerance(const Eigen::VectorXd& start, double t_end) {
  Measured measured;
  for (double tolerance = 1e-7; tolerance > 1e-12; tolerance /= 2.0) {
    F flow;
    Eigen::VectorXd w = start;
    const auto result = integrate(
        flow, w, std::vector{0.0, t_end}, [](const auto&, double) {},
        {.absolute_tolerance = tolerance, .relative_tolerance = tolerance, .first_step = 0.02});
    measured.tolerance.push_back(tolerance);
    measured.error.push_back((w - F::solution(start, t_end)).norm());
    measured.steps.push_back(static_cast<double>(result.steps));
  }
  return measured;
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

BOOST_AUTO_TEST_SUITE(convergence_of_integrate)

BOOST_AUTO_TEST_CASE(error_is_proportional_to_the_tolerance_for_the_oscillator) {
  check_orders(errors_against_tolerance<Oscillator>(Eigen::Vector2d(1.0, 0.5), 20.0));
}

BOOST_AUTO_TEST_CASE(error_is_proportional_to_the_tolerance_for_the_logistic_flow) {
  check_orders(errors_against_tolerance<Logistic>(Eigen::Vector3d(0.01, 0.1, 1.7), 4.0));
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
