#include <cmath>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/training/evaluation.hpp"

#include "reference_networks.hpp"
#include "reference_neurons.hpp"
#include "reference_tasks.hpp"
#include "thread_count.hpp"

BOOST_AUTO_TEST_SUITE(evaluation)

using namespace popflow;
using namespace popflow::test;

namespace {

constexpr SampleKey key{3, Purpose::evaluation, 2};
constexpr int samples = 1000;  // several blocks of 256, the last not full

// Loss and accuracy by the definitions, sample by sample.
Evaluation by_definition(Task task, const Network& network, const Parameters& parameters,
                         int count = samples) {
  LaneBatch<double> one(task, 1);
  double sum = 0.0, squares = 0.0, right = 0.0;
  for (std::uint64_t n = 0; n < static_cast<std::uint64_t>(count); ++n) {
    draw_samples(task, key, std::span(&n, 1), one);
    const double y = one.label(0, 0),
                 phi = output(lattice_of(task), network, parameters, one.fields(0).col(0)),
                 loss = loss_value(network.loss, phi, y);
    sum += loss / count;
    squares += loss * loss / count;
    bool nearest = true;
    for (const TaskClass& c : task)
      nearest = nearest && std::abs(phi - y) <= std::abs(phi - c.label);
    right += nearest ? 1.0 / count : 0.0;
  }
  return {sum, std::sqrt((squares - sum * sum) / (count - 1)), right};
}

}  // namespace

// Means of a thousand numbers of order one; the variance loses a few digits more.
BOOST_AUTO_TEST_CASE(loss_and_accuracy_are_those_of_the_definition) {
  constexpr double rounding = 1e-11;
  for (const auto& [name, shape, convolution] : architectures())
    for (const Loss loss : losses) {
      const Task task = labelled_for(loss, lopsided_task(shape));
      const Network network{Tanh{}, loss, convolution};
      const std::vector<Parameters> parameters{random_parameters(lattice_of(task), network, 3, 1),
                                               random_parameters(lattice_of(task), network, 3, 2)};
      const auto found = evaluate(task, network, parameters, {key, samples});
      BOOST_TEST(found.size() == 2U);
      for (std::size_t n = 0; n < 2; ++n) {
        const Evaluation exact = by_definition(task, network, parameters[n]);
        BOOST_TEST(std::abs(found[n].loss - exact.loss) < rounding, name);
        BOOST_TEST(std::abs(found[n].loss_error - exact.loss_error) < rounding, name);
        BOOST_TEST(std::abs(found[n].accuracy - exact.accuracy) < rounding, name);
      }
    }
}

// 256 blocks of 256 samples are kept at a time. Sums of 66000 numbers of order one, to rounding.
BOOST_AUTO_TEST_CASE(samples_beyond_the_blocks_that_are_kept_at_a_time_count) {
  constexpr int many = 66'000;
  const Task task = lopsided_task({7});
  const Network network{Tanh{}};
  const std::vector<Parameters> parameters{random_parameters(Torus({7}), network, 1, 1),
                                           random_parameters(Torus({7}), network, 1, 2)};
  const auto found = evaluate(task, network, parameters, {key, many});
  for (std::size_t n = 0; n < 2; ++n) {
    const Evaluation exact = by_definition(task, network, parameters[n], many);
    BOOST_TEST(std::abs(found[n].loss - exact.loss) < 1e-10);
    BOOST_TEST(std::abs(found[n].accuracy - exact.accuracy) < 1e-10);
  }
}

BOOST_AUTO_TEST_CASE(bits_do_not_depend_on_the_number_of_threads) {
  const Task task = lopsided_task({7});
  const std::vector<Parameters> parameters{random_parameters(Torus({7}), {}, 3, 1)};
  const auto on = [&](int threads) {
    const ThreadCount limit(threads);
    return evaluate(task, {}, parameters, {key, samples}).front();
  };
  const Evaluation one = on(1);
  for (const int threads : {2, 5}) {
    BOOST_TEST(on(threads).loss == one.loss);
    BOOST_TEST(on(threads).loss_error == one.loss_error);
  }
}

BOOST_AUTO_TEST_CASE(a_constant_network_is_right_about_one_class) {
  // phi = 0 for any input: nearest to the label 0.3 of class 2, and to no other.
  const Task task = lopsided_task({7});
  const std::vector<Parameters> silent{Parameters(1, 7)};
  BOOST_TEST(std::abs(evaluate(task, {}, silent, {key, 20'000}).front().accuracy - 0.2) < 0.012);
}

BOOST_AUTO_TEST_CASE(between_two_labels_a_network_guesses) {
  Task task = two_lengths({7}, 3.0, 2.0, 1.0);
  const std::vector<Parameters> silent{Parameters(1, 7)};  // phi = 0
  BOOST_TEST(evaluate(task, {}, silent, {key, samples}).front().accuracy == 0.5);
  task[1].label = 1.0;  // two classes of one label are no two answers
  BOOST_TEST(evaluate(task, {}, silent, {key, samples}).front().accuracy == 1.0);
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  const Task task = lopsided_task({7});
  const std::vector<Parameters> good{Parameters(1, 7)}, bad{Parameters(1, 6)};
  BOOST_CHECK_THROW(evaluate(task, {}, good, {key, 0}), std::invalid_argument);
  BOOST_CHECK_THROW(evaluate(task, {}, bad, {key, 10}), std::invalid_argument);
  BOOST_CHECK_THROW(evaluate({}, {}, good, {key, 10}), std::invalid_argument);
  BOOST_TEST(evaluate(task, {}, {}, {key, 10}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
