#include <atomic>
#include <stdexcept>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/dynamics/ensemble.hpp"

#include "random_weights.hpp"
#include "reference_tasks.hpp"
#include "thread_count.hpp"

BOOST_AUTO_TEST_SUITE(ensemble_of_runs)

using namespace popflow;
using namespace popflow::test;

namespace {

constexpr int sites = 8, runs = 5;
const std::vector<double> times{0.0, 0.5, 1.25};
const Neuron neuron{Erf{}, -1.0, 1.0};

TrainingOptions options() { return {.learning_rate = 0.1, .schedule = {.batch = 100, .seed = 3}}; }

const Task& task() {
  static const Task task = two_lengths({sites}, 3.0, 2.0, 1.0);
  return task;
}

Parameters initial() { return parameters_of(neuron, random_weights(1, sites, 1)); }

std::vector<EnsembleRun> ensemble(int count, const TrainingOptions& chosen = options(),
                                  const std::function<void(int, const EnsembleRun&)>& after = {}) {
  auto runs_of = new_ensemble(initial(), count);
  train_ensemble({task(), network_of(neuron, Loss::squared), chosen}, times, runs_of, after);
  return runs_of;
}

}  // namespace

BOOST_AUTO_TEST_CASE(run_r_is_what_train_gives_with_the_samples_of_run_r_on_any_number_of_threads) {
  for (int threads : {1, 2}) {
    const ThreadCount count(threads);
    const std::vector<EnsembleRun> found = ensemble(runs);
    for (int r = 0; r < runs; ++r) {
      TrainingOptions own = options();
      own.schedule.run = static_cast<std::uint32_t>(r);
      Parameters parameters = initial();
      train({task(), network_of(neuron, Loss::squared), own}, parameters, times,
            [](const Parameters&, double) {});
      const EnsembleRun& run = found[static_cast<std::size_t>(r)];
      BOOST_TEST(run.time == times);
      BOOST_TEST((run.parameters.back().values == parameters.values));
      BOOST_TEST(run.result.tau == times.back());
      BOOST_TEST((run.result.reason == StopReason::reached_end));
    }
  }
}

BOOST_AUTO_TEST_CASE(every_step_of_every_run_is_reported) {
  std::vector<std::vector<std::uint64_t>> seen(runs);
  const auto found = ensemble(runs, options(), [&seen](int r, const EnsembleRun& run) {
    seen[static_cast<std::size_t>(r)].push_back(run.state.steps);
  });
  for (const std::vector<std::uint64_t>& steps : seen) {
    BOOST_TEST(steps.size() == found.front().result.steps);
    for (std::size_t n = 0; n < steps.size(); ++n) BOOST_TEST(steps[n] == n + 1);
  }
}

BOOST_AUTO_TEST_CASE(the_end_of_every_run_is_reported_once_with_its_result) {
  std::vector<int> ends(runs, 0);
  auto found = new_ensemble(initial(), runs);
  const auto ended = [&ends](int r, const EnsembleRun& run) {
    if (run.result.tau == times.back()) ++ends[static_cast<std::size_t>(r)];
  };
  train_ensemble({task(), network_of(neuron, Loss::squared), options()}, times, found, {}, ended);
  BOOST_TEST(ends == std::vector<int>(runs, 1), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(runs_go_on_from_where_they_stand) {
  const auto whole = ensemble(runs);
  TrainingOptions stopped = options();
  std::atomic<int> asked = 0;
  stopped.interrupted = [&asked] { return ++asked > 20; };
  auto part = ensemble(runs, stopped);
  train_ensemble({task(), network_of(neuron, Loss::squared), options()}, times, part);
  for (std::size_t r = 0; r < part.size(); ++r) {
    BOOST_TEST(part[r].time == whole[r].time);
    for (std::size_t n = 0; n < times.size(); ++n)
      BOOST_TEST((part[r].parameters[n].values == whole[r].parameters[n].values));
  }
}

BOOST_AUTO_TEST_CASE(an_interruption_ends_every_run_with_its_first_snapshot) {
  TrainingOptions stopped = options();
  stopped.interrupted = [] { return true; };
  for (const EnsembleRun& run : ensemble(runs, stopped)) {
    BOOST_TEST((run.result.reason == StopReason::interrupted));
    BOOST_TEST(run.time == std::vector<double>{0.0});
  }
}

BOOST_AUTO_TEST_CASE(an_exception_in_a_run_reaches_the_caller) {
  const auto fail = [](int, const EnsembleRun&) { throw std::runtime_error("from a run"); };
  BOOST_CHECK_THROW(ensemble(runs, options(), fail), std::runtime_error);
  BOOST_CHECK_THROW(ensemble(0), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(an_exception_in_a_run_stops_those_on_other_threads) {
  std::atomic<int> steps = 0;
  const ThreadCount one(1);
  const auto fail = [&steps](int, const EnsembleRun&) {
    ++steps;
    throw std::runtime_error("from a run");
  };
  BOOST_CHECK_THROW(ensemble(runs, options(), fail), std::runtime_error);
  BOOST_TEST(steps == 1);
}

BOOST_AUTO_TEST_SUITE_END()
