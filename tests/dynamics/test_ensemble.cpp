#include <stdexcept>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/dynamics/ensemble.hpp"

#include "random_weights.hpp"
#include "reference_tasks.hpp"
#include "thread_count.hpp"

using namespace popflow;
using namespace popflow::test;

namespace {

constexpr int sites = 8, runs = 5;
const std::vector<double> times{0.0, 0.5, 1.25};
const Neuron neuron{Erf{}, -1.0, 1.0};

TrainingOptions options() { return {.learning_rate = 0.1, .sgd = {.batch = 100, .seed = 3}}; }

const Task& task() {
  static const Task task = two_lengths({sites}, 3.0, 2.0, 1.0);
  return task;
}

std::vector<EnsembleRun> ensemble(int count, const TrainingOptions& chosen = options(),
                                  const std::function<void(int, double)>& progress = {}) {
  return train_ensemble(task(), neuron, Loss::squared, random_weights(1, sites, 1), times, count,
                        chosen, progress);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ensemble_of_runs)

BOOST_AUTO_TEST_CASE(run_r_is_what_train_gives_with_the_samples_of_run_r_on_any_number_of_threads) {
  for (int threads : {1, 2}) {
    const ThreadCount count(threads);
    const std::vector<EnsembleRun> found = ensemble(runs);
    for (int r = 0; r < runs; ++r) {
      TrainingOptions own = options();
      own.sgd.run = static_cast<std::uint32_t>(r);
      Weights u = random_weights(1, sites, 1);
      train(
          task(), neuron, Loss::squared, u, times, [](const Weights&, double) {}, own);
      const EnsembleRun& run = found[static_cast<std::size_t>(r)];
      BOOST_TEST(run.trajectory.time == times);
      BOOST_TEST((run.trajectory.weights.back() == u));
      BOOST_TEST(run.result.tau == times.back());
      BOOST_TEST((run.result.reason == StopReason::reached_end));
    }
  }
}

BOOST_AUTO_TEST_CASE(progress_sees_every_scheduled_time_of_every_run) {
  std::vector<std::vector<double>> seen(runs);
  ensemble(runs, options(),
           [&seen](int run, double tau) { seen[static_cast<std::size_t>(run)].push_back(tau); });
  for (const std::vector<double>& of_run : seen) BOOST_TEST(of_run == times);
}

BOOST_AUTO_TEST_CASE(an_interruption_ends_every_run_with_its_first_snapshot) {
  TrainingOptions stopped = options();
  stopped.interrupted = [] { return true; };
  for (const EnsembleRun& run : ensemble(runs, stopped)) {
    BOOST_TEST((run.result.reason == StopReason::interrupted));
    BOOST_TEST(run.trajectory.time == std::vector<double>{0.0});
  }
}

BOOST_AUTO_TEST_CASE(an_exception_in_a_run_reaches_the_caller) {
  const auto fail = [](int, double) { throw std::runtime_error("from a run"); };
  BOOST_CHECK_THROW(ensemble(runs, options(), fail), std::runtime_error);
  BOOST_CHECK_THROW(ensemble(0), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
