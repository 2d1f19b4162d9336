#include <cstdint>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/training/minibatch.hpp"

#include "reference_tasks.hpp"
#include "statistics.hpp"

using namespace popflow;
using namespace popflow::test;

namespace {

Minibatch drawn(Task task, int samples, std::uint64_t first, std::uint64_t seed = 1,
                Purpose purpose = Purpose::training, std::uint32_t run = 0) {
  const int sites = lattice_of(task).sites();
  Minibatch batch{{samples, sites}, std::vector<int>(static_cast<std::size_t>(samples))};
  draw_samples(task, seed, purpose, run, first, batch);
  return batch;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(minibatch)

BOOST_AUTO_TEST_CASE(a_sample_is_the_same_whatever_is_drawn_with_it) {
  const Task task = lopsided_task({3, 4});
  const Minibatch all = drawn(task, 40, 100);
  for (int b = 0; b < 40; ++b) {
    const Minibatch alone = drawn(task, 1, 100 + static_cast<std::uint64_t>(b));
    BOOST_TEST((alone.x.row(0) == all.x.row(b)));
    BOOST_TEST(alone.label_class[0] == all.label_class[static_cast<std::size_t>(b)]);
  }
}

BOOST_AUTO_TEST_CASE(samples_seeds_purposes_and_runs_differ) {
  const Task task = lopsided_task({8});
  const auto x = [&task](std::uint64_t first, std::uint64_t seed, Purpose purpose,
                         std::uint32_t run) { return drawn(task, 1, first, seed, purpose, run).x; };
  const auto reference = x(0, 1, Purpose::training, 0);
  BOOST_TEST((x(0, 1, Purpose::training, 0) == reference));
  BOOST_TEST((x(1, 1, Purpose::training, 0) != reference));
  BOOST_TEST((x(0, 2, Purpose::training, 0) != reference));
  BOOST_TEST((x(0, 1, Purpose::evaluation, 0) != reference));
  BOOST_TEST((x(0, 1, Purpose::training, 1) != reference));
}

BOOST_AUTO_TEST_CASE(sample_numbers_beyond_32_bits_are_kept_apart) {
  const Task task = lopsided_task({8});
  BOOST_TEST((drawn(task, 1, std::uint64_t{1} << 32).x != drawn(task, 1, 0).x));
}

BOOST_AUTO_TEST_CASE(classes_come_with_their_probabilities_and_their_own_inputs) {
  const Task task = lopsided_task({8});
  const int samples = sample_count(100'000), classes = static_cast<int>(task.size());
  const Minibatch batch = drawn(task, samples, 0);
  // Of every class: how often, its variance and its covariance of neighbours and of next-nearest
  // ones, all of them averages over all samples.
  SampleMeans means(4 * classes);
  Eigen::ArrayXd expected(4 * classes);
  for (int b = 0; b < samples; ++b) {
    Eigen::ArrayXd values = Eigen::ArrayXd::Zero(4 * classes);
    const auto x = batch.x.row(b);
    values.segment(4 * batch.label_class[static_cast<std::size_t>(b)], 4) << 1.0, x[3] * x[3],
        x[3] * x[4], x[3] * x[5];
    means.add(values);
  }
  for (int c = 0; c < classes; ++c) {
    const double p = task[static_cast<std::size_t>(c)].probability;
    const Field C = task[static_cast<std::size_t>(c)].input.covariance();
    expected.segment(4 * c, 4) << p, p * C[0], p * C[1], p * C[2];
  }
  check_means(means, expected);
}

BOOST_AUTO_TEST_SUITE_END()
