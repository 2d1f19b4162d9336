#include <cmath>
#include <limits>

#include <boost/test/unit_test.hpp>

#include "popflow/dynamics/schedule.hpp"

BOOST_AUTO_TEST_SUITE(schedule)

using popflow::check_schedule;
using popflow::largest_learning_rate;
using popflow::linear_schedule;
using popflow::log_schedule;
using popflow::shortest_interval;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// Ratios of consecutive powers are each good to a few ulp.
constexpr double rounding = 1e-13;

}  // namespace

BOOST_AUTO_TEST_CASE(linear_times_are_equally_spaced) {
  const auto times = linear_schedule(10.0, 6);
  BOOST_TEST(times == (std::vector<double>{0.0, 2.0, 4.0, 6.0, 8.0, 10.0}));
  const auto whole = linear_schedule(100.0, 101);
  for (int i = 0; i <= 100; ++i) BOOST_TEST(whole[i] == i);
}

BOOST_AUTO_TEST_CASE(both_ends_are_exact) {
  for (int snapshots = 3; snapshots < 200; ++snapshots) {
    const auto linear = linear_schedule(0.7, snapshots);
    BOOST_TEST(linear.size() == snapshots);
    BOOST_TEST(linear.front() == 0.0);
    BOOST_TEST(linear.back() == 0.7);
    const auto log = log_schedule(0.03, 0.7, snapshots);
    BOOST_TEST(log.size() == snapshots);
    BOOST_TEST(log[0] == 0.0);
    BOOST_TEST(log[snapshots == 3 ? 2 : 1] == (snapshots == 3 ? 0.7 : 0.03));
    BOOST_TEST(log.back() == 0.7);
  }
}

BOOST_AUTO_TEST_CASE(log_times_grow_in_equal_ratios) {
  const auto times = log_schedule(0.01, 1000.0, 12);
  for (std::size_t i = 2; i < times.size(); ++i)
    BOOST_TEST(std::abs(times[i] / times[i - 1] - std::pow(10.0, 0.5)) < 10.0 * rounding);
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_refused) {
  for (double t_end : {0.0, -1.0, infinity, not_a_number}) {
    BOOST_CHECK_THROW(linear_schedule(t_end, 5), std::invalid_argument);
    BOOST_CHECK_THROW(log_schedule(0.1, t_end, 5), std::invalid_argument);
  }
  for (double t_first : {0.0, -1.0, 10.0, 11.0, infinity, not_a_number})
    BOOST_CHECK_THROW(log_schedule(t_first, 10.0, 5), std::invalid_argument);
  for (int snapshots : {1, 0, -3})
    BOOST_CHECK_THROW(linear_schedule(1.0, snapshots), std::invalid_argument);
  BOOST_CHECK_THROW(log_schedule(0.1, 1.0, 2), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(the_shortest_interval_bounds_the_learning_rate) {
  using Times = std::vector<double>;
  BOOST_TEST(shortest_interval(Times{1.0}) == infinity);
  BOOST_TEST(shortest_interval(Times{0.0, 2.0, 2.5, 4.0}) == 0.5);
  // Three tenths are not three times a tenth.
  const Times tenths = linear_schedule(0.3, 4);
  BOOST_TEST(shortest_interval(tenths) < 0.1);
  BOOST_TEST(largest_learning_rate(tenths) >= 0.1);
  BOOST_TEST(largest_learning_rate(tenths) < 0.1001);
}

BOOST_AUTO_TEST_CASE(only_increasing_finite_times_are_a_schedule) {
  using Times = std::vector<double>;
  for (const Times& good : {Times{3.0}, Times{-1.0, 0.0, 2.0}}) check_schedule(good);
  for (const Times& bad :
       {Times{}, Times{0.0, 0.0}, Times{1.0, 0.5}, Times{0.0, infinity}, Times{not_a_number, 1.0}})
    BOOST_CHECK_THROW(check_schedule(bad), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
