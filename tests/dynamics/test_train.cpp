#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/dynamics/train.hpp"

#include "random_weights.hpp"
#include "reference_tasks.hpp"
#include "thread_count.hpp"

using namespace popflow;
using namespace popflow::test;

namespace {

constexpr int sites = 8;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// Large enough to diverge on the quartic loss within a few steps: the cubic force overshoots by
// more each time.
constexpr double reckless_rate = 50.0;

const Task& task() {
  static const Task task = two_lengths({sites}, 3.0, 2.0, 1.0);
  return task;
}

const Neuron neuron{Erf{}, -1.0, 1.0};

Weights initial_weights() { return random_weights(1, sites, 1); }

struct Seen {
  std::vector<double> time;
  std::vector<Weights> weights;
};

// What a run showed, what it left in u, and how it ended.
struct Run {
  Seen seen;
  Weights u = initial_weights();
  TrainingResult result;
};

Run run(const std::vector<double>& times, const TrainingOptions& options) {
  Run run;
  run.result = train(
      task(), neuron, Loss::squared, run.u, times,
      [&seen = run.seen](const Weights& u, double tau) {
        seen.time.push_back(tau);
        seen.weights.push_back(u);
      },
      options);
  return run;
}

TrainingOptions small_batches(double learning_rate) { return {learning_rate, {20}, {}}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(train)

BOOST_AUTO_TEST_CASE(every_scheduled_time_is_observed_exactly_and_once) {
  const std::vector<double> times{0.5, 0.6, 1.0 / 3.0 + 0.5, 2.0};
  const auto [seen, u, result] = run(times, small_batches(0.07));
  BOOST_TEST(seen.time == times, boost::test_tools::per_element());
  BOOST_TEST((seen.weights.front() == initial_weights()));
  BOOST_TEST((seen.weights.back() == u));
  BOOST_TEST((u != initial_weights()));
  BOOST_TEST((result.reason == StopReason::reached_end));
  BOOST_TEST(result.tau == 2.0);
}

BOOST_AUTO_TEST_CASE(a_single_time_is_observed_without_a_step) {
  const auto [seen, u, result] = run({3.0}, small_batches(0.1));
  BOOST_TEST(seen.time == std::vector{3.0}, boost::test_tools::per_element());
  BOOST_TEST((u == initial_weights()));
  BOOST_TEST(result.steps == 0U);
  BOOST_TEST(result.tau == 3.0);
  BOOST_TEST((result.reason == StopReason::reached_end));
}

// Intervals 0.1, 0.25 and 0.03 at rate 0.04 take 3, 7 and 1 steps, the last of each shorter. Same
// arithmetic, so same bits.
BOOST_AUTO_TEST_CASE(steps_have_the_learning_rate_but_the_last_before_a_scheduled_time) {
  const std::vector<double> times{0.0, 0.1, 0.35, 0.38};
  const std::vector<int> steps{3, 7, 1};
  const TrainingOptions options = small_batches(0.04);
  const auto [seen, u, result] = run(times, options);
  Sgd sgd(task(), neuron, Loss::squared, options.sgd);
  Weights expected = initial_weights();
  std::uint64_t step = 0;
  for (std::size_t k = 0; k < steps.size(); ++k) {
    const double last = times[k + 1] - times[k] - (steps[k] - 1) * options.learning_rate;
    BOOST_TEST((last > 0.0 && last < options.learning_rate));
    for (int n = 0; n < steps[k]; ++n)
      expected.row(0) -= (n + 1 < steps[k] ? options.learning_rate : last) *
                         sgd.gradient(expected, step++).transpose();
    BOOST_TEST((seen.weights[k + 1] == expected), "interval " << k);
  }
  BOOST_TEST(result.steps == step);
}

BOOST_AUTO_TEST_CASE(rounding_adds_no_step_to_a_whole_number_of_them) {
  for (const int intervals : {1, 3, 7, 10}) {
    const auto [seen, u, result] = run(linear_schedule(7.0, intervals + 1), small_batches(0.7 / 3));
    // 30 steps of 0.7 / 3 fill 7; where an interval holds no whole number, one more each.
    const auto a_interval = static_cast<std::uint64_t>((30 + intervals - 1) / intervals);
    BOOST_TEST(result.steps == a_interval * static_cast<std::uint64_t>(intervals), intervals);
  }
}

BOOST_AUTO_TEST_CASE(a_learning_rate_longer_than_an_interval_takes_one_step) {
  const auto [seen, u, result] = run({0.0, 0.01, 0.03}, small_batches(5.0));
  BOOST_TEST(result.steps == 2U);
}

BOOST_AUTO_TEST_CASE(whole_trajectory_has_the_same_bits_on_any_number_of_threads) {
  for (const SampleGradient kind : {SampleGradient::network, SampleGradient::quartic}) {
    const TrainingOptions options{0.05, {300, kind}, {}};
    const auto trajectory = [&options](int threads) {
      const ThreadCount limit(threads);
      return run(linear_schedule(1.0, 5), options).seen.weights;
    };
    const std::vector<Weights> one = trajectory(1), two = trajectory(2);
    BOOST_TEST(one.size() == 5U);
    BOOST_TEST((one == two));
  }
}

BOOST_AUTO_TEST_CASE(runs_of_an_ensemble_differ_and_are_reproducible) {
  const auto end_of = [](std::uint32_t member) {
    return run({0.0, 1.0}, {0.1, {20, SampleGradient::network, 1, member}, {}}).u;
  };
  BOOST_TEST((end_of(0) == end_of(0)));
  BOOST_TEST((end_of(0) != end_of(1)));
}

BOOST_AUTO_TEST_CASE(training_lowers_the_loss_that_it_descends) {
  // At 2000 samples a step the weights follow the flow to a few percent, and that shrinks them
  // from norm 1 to below 0.9 within one unit of tau.
  const auto [seen, u, result] = run({0.0, 1.0}, {0.05, {2000, SampleGradient::quartic}, {}});
  BOOST_TEST(u.norm() < 0.9 * initial_weights().norm());
}

BOOST_AUTO_TEST_CASE(divergence_stops_and_keeps_the_last_observed_weights) {
  const TrainingOptions options{reckless_rate, {20, SampleGradient::quartic}, {}};
  const auto [seen, u, result] = run(linear_schedule(5000.0, 101), options);
  BOOST_TEST((result.reason == StopReason::not_finite));
  BOOST_TEST(seen.time.size() > 1U);
  BOOST_TEST(seen.time.size() < 101U);
  BOOST_TEST(result.tau == seen.time.back());
  BOOST_TEST(result.steps == seen.time.size());  // one step an interval, and the fatal one
  BOOST_TEST((u == seen.weights.back()));
  for (const Weights& weights : seen.weights) BOOST_TEST(weights.allFinite());
}

BOOST_AUTO_TEST_CASE(divergence_between_two_times_keeps_the_first) {
  const TrainingOptions options{reckless_rate, {20, SampleGradient::quartic}, {}};
  const auto [seen, u, result] = run({0.0, 5000.0}, options);
  BOOST_TEST((result.reason == StopReason::not_finite));
  BOOST_TEST(seen.time == std::vector{0.0}, boost::test_tools::per_element());
  BOOST_TEST(result.tau == 0.0);
  BOOST_TEST((u == initial_weights()));
}

BOOST_AUTO_TEST_CASE(interruption_is_asked_before_every_step_and_keeps_the_last_observed_weights) {
  for (const int allowed : {0, 1, 9, 10, 11, 25}) {
    int asked = 0;
    TrainingOptions options = small_batches(0.1);
    options.interrupted = [&asked, allowed] { return asked++ == allowed; };
    const auto [seen, u, result] = run(linear_schedule(3.0, 4), options);  // 10 steps an interval
    BOOST_TEST((result.reason == StopReason::interrupted), allowed);
    BOOST_TEST(asked == allowed + 1);
    BOOST_TEST(result.steps == static_cast<std::uint64_t>(allowed));
    BOOST_TEST(result.tau == allowed / 10);
    BOOST_TEST(seen.time.size() == 1U + static_cast<std::size_t>(allowed / 10));
    BOOST_TEST((u == seen.weights.back()));
  }
}

BOOST_AUTO_TEST_CASE(an_interruption_that_never_comes_changes_nothing) {
  TrainingOptions options = small_batches(0.1);
  const Weights without = run({0.0, 1.0}, options).u;
  options.interrupted = [] { return false; };
  const auto [seen, u, result] = run({0.0, 1.0}, options);
  BOOST_TEST((u == without));
  BOOST_TEST((result.reason == StopReason::reached_end));
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw_and_nothing_is_observed) {
  int observed = 0;
  const auto attempt = [&observed](const std::vector<double>& times, const TrainingOptions& options,
                                   Weights u) {
    popflow::train(
        task(), neuron, Loss::squared, u, times,
        [&observed](const Weights&, double) { ++observed; }, options);
  };
  const TrainingOptions good = small_batches(0.1);
  for (const double rate : {0.0, -0.1, infinity, not_a_number})
    BOOST_CHECK_THROW(attempt({0.0, 1.0}, small_batches(rate), initial_weights()),
                      std::invalid_argument);
  for (const std::vector<double>& times :
       {std::vector<double>{}, {0.0, 0.0}, {0.0, 1.0, 0.5}, {0.0, infinity}, {not_a_number, 1.0}})
    BOOST_CHECK_THROW(attempt(times, good, initial_weights()), std::invalid_argument);
  BOOST_CHECK_THROW(attempt({0.0, 1.0}, {0.1, {0}, {}}, initial_weights()), std::invalid_argument);
  BOOST_TEST(observed == 0);
  for (const auto& [rows, columns] : {std::pair{1, sites - 1}, {2, sites}, {0, sites}})
    BOOST_CHECK_THROW(attempt({0.0, 1.0}, good, Weights::Zero(rows, columns)),
                      std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
