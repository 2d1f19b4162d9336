#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/dynamics/train.hpp"

#include "random_weights.hpp"
#include "reference_tasks.hpp"
#include "thread_count.hpp"

BOOST_AUTO_TEST_SUITE(train_)

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

Network network() { return network_of(neuron, Loss::squared); }

struct Seen {
  std::vector<double> time;
  std::vector<Weights> weights;
};

// The snapshots of a run, its last weights, and how it ended.
struct Run {
  Seen seen;
  Weights u;
  TrainingResult result;
};

Run run(const std::vector<double>& times, const TrainingOptions& options) {
  Run run;
  Parameters parameters = parameters_of(neuron, initial_weights());
  run.result = train({task(), network(), options}, parameters, times,
                     [&seen = run.seen](const Parameters& now, double tau) {
                       seen.time.push_back(tau);
                       seen.weights.push_back(now.first());
                     });
  run.u = parameters.first();
  return run;
}

TrainingOptions with(double learning_rate, int batch,
                     SampleGradient gradient = SampleGradient::network, std::uint32_t run = 0) {
  return {.learning_rate = learning_rate,
          .schedule = {.batch = batch, .run = run},
          .gradient = gradient};
}

TrainingOptions small_batches(double learning_rate) { return with(learning_rate, 20); }

}  // namespace

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

// Intervals 0.1, 0.25 and 0.05 at rate 0.04 take 3, 7 and 2 steps, the last of each shorter. Same
// arithmetic, so same bits.
BOOST_AUTO_TEST_CASE(steps_have_the_learning_rate_but_the_last_before_a_scheduled_time) {
  const std::vector<double> times{0.0, 0.1, 0.35, 0.4};
  const std::vector<int> steps{3, 7, 2};
  const TrainingOptions options = small_batches(0.04);
  const auto [seen, u, result] = run(times, options);
  Parameters expected = parameters_of(neuron, initial_weights());
  Sgd<double> sgd(task(), network(), expected, {options.schedule, options.gradient});
  std::uint64_t step = 0;
  for (std::size_t k = 0; k < steps.size(); ++k) {
    const double last = times[k + 1] - times[k] - (steps[k] - 1) * options.learning_rate;
    BOOST_TEST((last > 0.0 && last < options.learning_rate));
    for (int n = 0; n < steps[k]; ++n)
      expected.first() -= (n + 1 < steps[k] ? options.learning_rate : last) *
                          sgd.gradient(expected, step++).first();
    BOOST_TEST((seen.weights[k + 1] == expected.first()), "interval " << k);
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

BOOST_AUTO_TEST_CASE(whole_trajectory_has_the_same_bits_on_any_number_of_threads) {
  for (const SampleGradient kind : {SampleGradient::network, SampleGradient::quartic}) {
    const TrainingOptions options = with(0.05, 1000, kind);
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
    return run({0.0, 1.0}, with(0.1, 20, SampleGradient::network, member)).u;
  };
  BOOST_TEST((end_of(0) == end_of(0)));
  BOOST_TEST((end_of(0) != end_of(1)));
}

BOOST_AUTO_TEST_CASE(training_lowers_the_loss_that_it_descends) {
  // At 2000 samples a step the weights follow the flow to a few percent, and that shrinks them
  // from norm 1 to below 0.9 within one unit of tau.
  const auto [seen, u, result] = run({0.0, 1.0}, with(0.05, 2000, SampleGradient::quartic));
  BOOST_TEST(u.norm() < 0.9 * initial_weights().norm());
}

BOOST_AUTO_TEST_CASE(divergence_stops_and_keeps_what_was_observed) {
  const TrainingOptions options = with(reckless_rate, 20, SampleGradient::quartic);
  const auto [seen, u, result] = run(linear_schedule(5000.0, 101), options);
  BOOST_TEST((result.reason == StopReason::not_finite));
  BOOST_TEST(seen.time.size() > 1U);
  BOOST_TEST(seen.time.size() < 101U);
  BOOST_TEST(result.tau == seen.time.back());
  BOOST_TEST(result.steps == seen.time.size() - 1);  // one step an interval; the fatal one is none
  BOOST_TEST(!u.allFinite());
  for (const Weights& weights : seen.weights) BOOST_TEST(weights.allFinite());
}

BOOST_AUTO_TEST_CASE(divergence_between_two_times_keeps_the_first) {
  const TrainingOptions options = with(reckless_rate, 20, SampleGradient::quartic);
  const auto [seen, u, result] = run({0.0, 5000.0}, options);
  BOOST_TEST((result.reason == StopReason::not_finite));
  BOOST_TEST(seen.time == std::vector{0.0}, boost::test_tools::per_element());
  BOOST_TEST(result.tau == 0.0);
}

// In single precision these weights are infinite and pre-activations NaN, of which a relu makes 0.
BOOST_AUTO_TEST_CASE(weights_too_large_for_single_precision_have_diverged) {
  Parameters parameters = parameters_of(neuron, 1e45 * initial_weights());
  TrainingOptions options = small_batches(0.1);
  options.precision = Precision::single_precision;
  const TrainingResult result =
      popflow::train({task(), {Relu{}, Loss::squared}, options}, parameters,
                     linear_schedule(1.0, 2), [](const Parameters&, double) {});
  BOOST_TEST((result.reason == StopReason::not_finite));
}

BOOST_AUTO_TEST_CASE(interruption_is_asked_before_every_step) {
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
    BOOST_TEST((u == seen.weights.back()) == (allowed % 10 == 0));
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

BOOST_AUTO_TEST_CASE(a_run_goes_on_from_any_step_with_the_same_bits) {
  const std::vector<double> times = linear_schedule(2.0, 5);
  TrainingOptions options = with(0.07, 300);
  options.learning = {.bias_rate = 1.0, .second_layer_rate = 1.0};
  options.schedule.samples = 1000;
  const auto ignore = [](const Parameters&, double) {};
  std::vector<TrainingState> states;
  TrainingState whole{parameters_of(neuron, initial_weights())};
  popflow::train({task(), network(), options}, whole, times, ignore,
                 [&states](const TrainingState& state) { states.push_back(state); });
  BOOST_TEST(states.size() == whole.steps);
  for (std::size_t n = 0; n < states.size(); n += 5) {
    int observed = 0;
    TrainingState again = states[n];
    popflow::train(
        {task(), network(), options}, again, times,
        [&observed](const Parameters&, double) { ++observed; }, [](const TrainingState&) {});
    BOOST_TEST((again.parameters.values == whole.parameters.values), n);
    BOOST_TEST(again.steps == whole.steps);
    BOOST_TEST(observed == static_cast<int>(times.size() - states[n].observed));
  }
}

BOOST_AUTO_TEST_CASE(biases_and_the_second_layer_learn_at_their_own_rates) {
  const Parameters initial = parameters_of(neuron, initial_weights());
  for (const double bias_rate : {0.0, 0.5})
    for (const double second_layer_rate : {0.0, 2.0}) {
      TrainingOptions options = with(0.1, 100);
      options.learning = {.bias_rate = bias_rate, .second_layer_rate = second_layer_rate};
      Sgd<double> sgd(task(), network(), initial, {options.schedule});
      const Parameters gradient = sgd.gradient(initial, 0);
      Parameters parameters = initial;
      popflow::train({task(), network(), options}, parameters, std::vector{0.0, 0.1},
                     [](const Parameters&, double) {});
      BOOST_TEST((parameters.first() - (initial.first() - 0.1 * gradient.first())).norm() < 1e-15);
      BOOST_TEST(std::abs(parameters.bias()[0] -
                          (neuron.bias - 0.1 * bias_rate * gradient.bias()[0])) < 1e-15);
      BOOST_TEST(std::abs(parameters.second()[0] -
                          (neuron.second_layer - 0.1 * second_layer_rate * gradient.second()[0])) <
                 1e-15);
    }
}

BOOST_AUTO_TEST_CASE(weight_decay_is_the_gradient_of_its_penalty) {
  const Parameters initial = parameters_of(neuron, initial_weights());
  TrainingOptions options = with(0.1, 100);
  options.learning = {.bias_rate = 1.0, .l1 = 0.3, .l2 = 0.7};
  Sgd<double> sgd(task(), network(), initial, {options.schedule});
  const Parameters gradient = sgd.gradient(initial, 0);
  Parameters parameters = initial;
  popflow::train({task(), network(), options}, parameters, std::vector{0.0, 0.1},
                 [](const Parameters&, double) {});
  for (int i = 0; i < sites; ++i) {
    const double u = initial.first()(0, i), sign = u > 0.0 ? 1.0 : -1.0;
    const double expected = u - 0.1 * (gradient.first()(0, i) + 0.3 * sign + 0.7 * u);
    BOOST_TEST(std::abs(parameters.first()(0, i) - expected) < 1e-15);
  }
  BOOST_TEST(std::abs(parameters.bias()[0] - (neuron.bias - 0.1 * gradient.bias()[0])) < 1e-15);
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw_and_nothing_is_observed) {
  int observed = 0;
  const auto attempt = [&observed](const std::vector<double>& times, const TrainingOptions& options,
                                   Parameters parameters) {
    popflow::train({task(), network(), options}, parameters, times,
                   [&observed](const Parameters&, double) { ++observed; });
  };
  const TrainingOptions good = small_batches(0.1);
  const Parameters initial = parameters_of(neuron, initial_weights());
  for (const double rate : {0.0, -0.1, infinity, not_a_number})
    BOOST_CHECK_THROW(attempt({0.0, 1.0}, small_batches(rate), initial), std::invalid_argument);
  // The interval itself may be rounded.
  for (const double rate : {0.5001, 2.0})
    BOOST_CHECK_THROW(attempt({0.0, 1.0, 1.5}, small_batches(rate), initial),
                      std::invalid_argument);
  BOOST_TEST(observed == 0);
  attempt({0.0, 1.0, 1.5}, small_batches(0.5 + 1e-12), initial);
  BOOST_TEST(std::exchange(observed, 0) == 3);
  for (double Learning::*option :
       {&Learning::bias_rate, &Learning::second_layer_rate, &Learning::l1, &Learning::l2})
    for (const double value : {-1.0, infinity, not_a_number}) {
      TrainingOptions bad = good;
      bad.learning.*option = value;
      BOOST_CHECK_THROW(attempt({0.0, 1.0}, bad, initial), std::invalid_argument);
    }
  TrainingState ahead{initial};
  ahead.observed = 3;
  const std::vector<double> two_times{0.0, 1.0};
  BOOST_CHECK_THROW(popflow::train(
                        {task(), network(), good}, ahead, two_times,
                        [](const Parameters&, double) {}, [](const TrainingState&) {}),
                    std::invalid_argument);
  for (const std::vector<double>& times :
       {std::vector<double>{}, {0.0, 0.0}, {0.0, 1.0, 0.5}, {0.0, infinity}, {not_a_number, 1.0}})
    BOOST_CHECK_THROW(attempt(times, good, initial), std::invalid_argument);
  BOOST_CHECK_THROW(attempt({0.0, 1.0}, with(0.1, 0), initial), std::invalid_argument);
  for (const auto& [rows, columns] : {std::pair{1, sites - 1}, {0, sites}})
    BOOST_CHECK_THROW(attempt({0.0, 1.0}, good, Parameters(rows, columns)), std::invalid_argument);
  BOOST_TEST(observed == 0);
}

BOOST_AUTO_TEST_SUITE_END()
