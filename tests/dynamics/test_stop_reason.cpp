#include <boost/test/unit_test.hpp>

#include "popflow/dynamics/stop_reason.hpp"

BOOST_AUTO_TEST_SUITE(stop_reason)

using popflow::StopReason;

BOOST_AUTO_TEST_CASE(every_reason_has_its_own_name) {
  BOOST_TEST(name(StopReason::reached_end) == "reached_end");
  BOOST_TEST(name(StopReason::stationary) == "stationary");
  BOOST_TEST(name(StopReason::step_limit) == "step_limit");
  BOOST_TEST(name(StopReason::not_finite) == "not_finite");
  BOOST_TEST(name(StopReason::interrupted) == "interrupted");
}

BOOST_AUTO_TEST_SUITE_END()
