#include <cmath>
#include <limits>

#include <boost/test/unit_test.hpp>

#include "popflow/network/loss.hpp"

#include "exact_arithmetic.hpp"
#include "reference_neurons.hpp"

BOOST_AUTO_TEST_SUITE(loss)

using namespace popflow;
using namespace popflow::test;

BOOST_AUTO_TEST_CASE(squared_loss_is_half_the_squared_distance) {
  BOOST_TEST(loss_value(Loss::squared, 3.0, 1.0) == 2.0);
  BOOST_TEST(loss_value(Loss::squared, 1.0, 1.0) == 0.0);
  BOOST_TEST(loss_value(Loss::squared, 0.0, -1.0) == 0.5);
}

BOOST_AUTO_TEST_CASE(correlation_loss_is_minus_the_product) {
  BOOST_TEST(loss_value(Loss::correlation, 3.0, 1.0) == -3.0);
  BOOST_TEST(loss_value(Loss::correlation, 0.5, -1.0) == 0.5);
}

BOOST_AUTO_TEST_CASE(logistic_loss_is_the_log_of_one_plus_the_exponential) {
  BOOST_TEST(loss_value(Loss::logistic, 0.0, 1.0) == std::log(2.0));
  BOOST_TEST(loss_value(Loss::logistic, 800.0, -1.0) == 800.0);
  BOOST_TEST(loss_value(Loss::logistic, 800.0, 1.0) == 0.0);
  BOOST_TEST(loss_slope(Loss::logistic, 1e6, -1.0) == 1.0);
}

// Differences of the definition in 100 digits; the fourth derivative has coefficients up to 6.
BOOST_AUTO_TEST_CASE(derivatives_are_finite_differences_of_the_definition) {
  constexpr double rounding = 64 * std::numeric_limits<double>::epsilon();
  for (const Loss loss : losses)
    for (const double y : {-1.0, 1.0, 0.3})
      for (const double phi : {-2.1, -0.4, 0.0, 0.9, 5.0}) {
        const auto exact = [loss, y](const Number& at) { return exact_loss(loss, y, at); };
        for (int n = 0; n < 5; ++n)
          BOOST_TEST(std::abs(loss_derivatives(loss, phi, y)[static_cast<std::size_t>(n)] -
                              derivative(exact, phi, n)) <= rounding,
                     name(loss) << " derivative " << n << " at " << phi << ", label " << y);
        BOOST_TEST(loss_value(loss, phi, y) == loss_derivatives(loss, phi, y)[0]);
        BOOST_TEST(loss_slope(loss, phi, y) == loss_derivatives(loss, phi, y)[1]);
      }
}

BOOST_AUTO_TEST_SUITE_END()
