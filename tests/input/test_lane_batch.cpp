#include <cstdint>
#include <numeric>
#include <set>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/input/lane_batch.hpp"

#include "reference_tasks.hpp"
#include "statistics.hpp"

BOOST_AUTO_TEST_SUITE(lane_batch)

using namespace popflow;
using namespace popflow::test;

namespace {

std::vector<std::uint64_t> numbers_from(std::uint64_t first, int count) {
  std::vector<std::uint64_t> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

LaneBatch<double> drawn(Task task, const std::vector<std::uint64_t>& numbers,
                        const SampleKey& key = {1, Purpose::training}) {
  LaneBatch<double> batch(task, static_cast<int>(numbers.size()));
  draw_samples(task, key, numbers, batch);
  return batch;
}

// The fields of the batch's samples, class by class and within one in the order asked for, and
// their classes.
struct Samples {
  std::vector<Field> fields;
  std::vector<int> classes;
};

Samples samples_of(const LaneBatch<double>& batch) {
  Samples samples;
  for (int g = 0; g < batch.groups; ++g)
    for (int l = 0; l < lanes; ++l)
      if (batch.weight(g, l) != 0.0) {
        samples.fields.push_back(batch.fields(g).col(l));
        samples.classes.push_back(batch.group_class[static_cast<std::size_t>(g)]);
      }
  return samples;
}

}  // namespace

// Two fields share a Fourier transform, whose rounding is a few epsilon of numbers of order one.
BOOST_AUTO_TEST_CASE(a_sample_is_the_same_whatever_is_drawn_with_it) {
  constexpr double rounding = 1e-14;
  const Task task = lopsided_task({3, 4});
  const auto batch = drawn(task, numbers_from(100, 40));
  const Samples all = samples_of(batch);
  BOOST_TEST(all.fields.size() == 40U);
  std::size_t place = 0;
  for (int c = 0; c < static_cast<int>(task.size()); ++c)
    for (std::uint64_t n = 0; n < 40; ++n) {
      if (batch.sample_class[n] != c) continue;
      const Samples alone = samples_of(drawn(task, {100 + n}));
      BOOST_TEST(alone.fields.size() == 1U);
      BOOST_TEST(alone.classes[0] == c);
      BOOST_TEST(all.classes[place] == c);
      BOOST_TEST((alone.fields[0] - all.fields[place++]).cwiseAbs().maxCoeff() < rounding);
    }
}

BOOST_AUTO_TEST_CASE(every_lane_has_the_label_of_its_group) {
  const Task task = lopsided_task({7});
  const auto batch = drawn(task, numbers_from(0, 100));
  for (int g = 0; g < batch.groups; ++g)
    for (int l = 0; l < lanes; ++l) {
      const auto c = static_cast<std::size_t>(batch.group_class[static_cast<std::size_t>(g)]);
      BOOST_TEST(batch.label(g, l) == task[c].label);
    }
}

BOOST_AUTO_TEST_CASE(samples_seeds_purposes_and_runs_differ) {
  const Task task = lopsided_task({8});
  const auto x = [&task](std::uint64_t n, const SampleKey& key) {
    return samples_of(drawn(task, {n}, key)).fields[0];
  };
  const Field reference = x(0, {1, Purpose::training});
  BOOST_TEST((x(0, {1, Purpose::training}) == reference));
  BOOST_TEST((x(1, {1, Purpose::training}) != reference));
  BOOST_TEST((x(std::uint64_t{1} << 32, {1, Purpose::training}) != reference));
  BOOST_TEST((x(0, {2, Purpose::training}) != reference));
  BOOST_TEST((x(0, {1, Purpose::evaluation}) != reference));
  BOOST_TEST((x(0, {1, Purpose::training, 1}) != reference));
}

BOOST_AUTO_TEST_CASE(classes_come_with_their_probabilities_and_their_own_inputs) {
  const Task task = lopsided_task({8});
  const int samples = sample_count(100'000), classes = static_cast<int>(task.size());
  const Samples batch = samples_of(drawn(task, numbers_from(0, samples)));
  // Of every class: how often, its variance and its covariance of neighbours and of next-nearest
  // ones, all of them averages over all samples.
  SampleMeans means(4 * classes);
  Eigen::ArrayXd expected(4 * classes);
  for (std::size_t b = 0; b < batch.fields.size(); ++b) {
    Eigen::ArrayXd values = Eigen::ArrayXd::Zero(4 * classes);
    const Field& x = batch.fields[b];
    values.segment(4 * batch.classes[b], 4) << 1.0, x[3] * x[3], x[3] * x[4], x[3] * x[5];
    means.add(values);
  }
  for (int c = 0; c < classes; ++c) {
    const double p = task[static_cast<std::size_t>(c)].probability;
    const Field C = task[static_cast<std::size_t>(c)].input.covariance();
    expected.segment(4 * c, 4) << p, p * C[0], p * C[1], p * C[2];
  }
  check_means(means, expected);
}

BOOST_AUTO_TEST_CASE(a_batch_has_room_for_as_many_samples_as_it_was_made_for) {
  Task task = lopsided_task({7});
  LaneBatch<double> batch(task, 33);
  for (const int count : {0, 1, 16, 33}) {
    draw_samples(task, {1, Purpose::training}, numbers_from(0, count), batch);
    BOOST_TEST(samples_of(batch).fields.size() == static_cast<std::size_t>(count));
  }
  BOOST_CHECK_THROW(draw_samples(task, {1, Purpose::training}, numbers_from(0, 34), batch),
                    std::length_error);
}

BOOST_AUTO_TEST_SUITE_END()
