#include <algorithm>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/training/sample_schedule.hpp"

BOOST_AUTO_TEST_SUITE(sample_schedule)

using namespace popflow;

namespace {

std::vector<std::uint64_t> numbers(SampleSchedule& schedule, std::uint64_t step) {
  schedule.begin(step);
  std::vector<std::uint64_t> result(static_cast<std::size_t>(schedule.size()));
  schedule.fill(0, result);
  return result;
}

std::vector<std::uint64_t> epoch(SampleSchedule& schedule, std::uint64_t first, int steps) {
  std::vector<std::uint64_t> all;
  for (int step = 0; step < steps; ++step)
    for (const std::uint64_t n : numbers(schedule, first + static_cast<std::uint64_t>(step)))
      all.push_back(n);
  return all;
}

std::vector<std::uint64_t> counted(std::size_t count) {
  std::vector<std::uint64_t> result(count);
  std::iota(result.begin(), result.end(), std::uint64_t{0});
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(fresh_samples_are_numbered_through_the_steps) {
  SampleSchedule schedule({.batch = 7});
  BOOST_TEST(epoch(schedule, 0, 5) == counted(35), boost::test_tools::per_element());
  BOOST_TEST(numbers(schedule, 1'000'000'000'000).front() == 7'000'000'000'000U);
}

BOOST_AUTO_TEST_CASE(an_epoch_takes_every_sample_once) {
  SampleSchedule schedule({.batch = 7, .samples = 30});
  std::vector<std::vector<std::uint64_t>> epochs;
  for (std::uint64_t e = 0; e < 3; ++e) {
    epochs.push_back(epoch(schedule, 5 * e, 5));
    std::vector<std::uint64_t> sorted = epochs.back();
    std::sort(sorted.begin(), sorted.end());
    BOOST_TEST(sorted == counted(30), boost::test_tools::per_element());
  }
  BOOST_TEST((epochs[0] != epochs[1]));
  BOOST_TEST((epochs[1] != epochs[2]));
  BOOST_TEST((epochs[0] != counted(30)));
  BOOST_TEST((epoch(schedule, 5, 5) == epochs[1]));
  schedule.begin(4);
  BOOST_TEST(schedule.size() == 2);
}

BOOST_AUTO_TEST_CASE(without_shuffling_every_epoch_is_in_order) {
  SampleSchedule schedule({.batch = 7, .samples = 30, .shuffle = false});
  BOOST_TEST(epoch(schedule, 0, 5) == counted(30), boost::test_tools::per_element());
  BOOST_TEST(epoch(schedule, 10, 5) == counted(30), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(seeds_and_runs_shuffle_differently) {
  SampleSchedule a({.batch = 30, .samples = 30}), b({.batch = 30, .samples = 30, .seed = 2}),
      c({.batch = 30, .samples = 30, .run = 1});
  BOOST_TEST((numbers(a, 0) != numbers(b, 0)));
  BOOST_TEST((numbers(a, 0) != numbers(c, 0)));
}

// Where each of 5 samples comes to lie, over 2000 epochs: 400 times +- 18. All 25 counts of a fair
// shuffle are within five deviations but for 1.4e-5.
BOOST_AUTO_TEST_CASE(every_order_is_as_likely) {
  constexpr int epochs = 2000, samples = 5;
  SampleSchedule schedule({.batch = samples, .samples = samples});
  std::vector<int> count(samples * samples);
  for (std::uint64_t e = 0; e < epochs; ++e) {
    const auto order = numbers(schedule, e);
    for (std::size_t place = 0; place < samples; ++place)
      ++count[place * samples + static_cast<std::size_t>(order[place])];
  }
  for (const int n : count) BOOST_TEST(std::abs(n - epochs / samples) < 90);
}

BOOST_AUTO_TEST_CASE(parts_of_a_step_make_up_the_whole) {
  for (const std::int64_t samples : {0, 50}) {
    SampleSchedule schedule({.batch = 20, .samples = samples});
    const auto whole = numbers(schedule, 1);
    std::vector<std::uint64_t> parts(20);
    schedule.fill(0, std::span(parts).first(13));
    schedule.fill(13, std::span(parts).subspan(13));
    BOOST_TEST(parts == whole, boost::test_tools::per_element());
  }
}

// By which SGD shares out a step among threads.
BOOST_AUTO_TEST_CASE(a_batch_larger_than_the_sample_is_the_sample) {
  SampleSchedule schedule({.batch = 1'000'000, .samples = 30});
  BOOST_TEST(schedule.size() == 30);
  BOOST_TEST(numbers(schedule, 2).size() == 30U);
}

BOOST_AUTO_TEST_CASE(options_out_of_range_throw) {
  for (const int batch : {0, -3})
    BOOST_CHECK_THROW(SampleSchedule({.batch = batch}), std::invalid_argument);
  for (const std::int64_t samples : {std::int64_t{-1}, std::int64_t{1} << 32})
    BOOST_CHECK_THROW(SampleSchedule({.samples = samples}), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
