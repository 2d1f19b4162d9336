#include <cmath>
#include <limits>

#include <boost/test/unit_test.hpp>

#include "popflow/network/loss.hpp"

#include "reference_neurons.hpp"

using namespace popflow;
using namespace popflow::test;

BOOST_AUTO_TEST_SUITE(loss)

BOOST_AUTO_TEST_CASE(squared_loss_is_half_the_squared_distance) {
  BOOST_TEST(loss_value(Loss::squared, 3.0, 1.0) == 2.0);
  BOOST_TEST(loss_value(Loss::squared, 1.0, 1.0) == 0.0);
  BOOST_TEST(loss_value(Loss::squared, 0.0, -1.0) == 0.5);
}

BOOST_AUTO_TEST_CASE(correlation_loss_is_minus_the_product) {
  BOOST_TEST(loss_value(Loss::correlation, 3.0, 1.0) == -3.0);
  BOOST_TEST(loss_value(Loss::correlation, 0.5, -1.0) == 0.5);
}

// Central differences of a quadratic are exact but for rounding: a few epsilon of the values, over
// the step.
BOOST_AUTO_TEST_CASE(slope_is_the_derivative_in_the_output) {
  constexpr double step = 0.125, rounding = 16 * std::numeric_limits<double>::epsilon() / step;
  for (const Loss loss : losses)
    for (const double y : {-1.0, 1.0, 0.3})
      for (const double phi : {-2.1, -0.4, 0.0, 0.9}) {
        const double difference =
            (loss_value(loss, phi + step, y) - loss_value(loss, phi - step, y)) / (2.0 * step);
        BOOST_TEST(std::abs(loss_slope(loss, phi, y) - difference) <= rounding,
                   name(loss) << " at " << phi << ", label " << y);
      }
}

BOOST_AUTO_TEST_SUITE_END()
