#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/flow/quartic_flow.hpp"
#include "popflow/training/sgd.hpp"

#include "random_weights.hpp"
#include "reference_neurons.hpp"
#include "reference_tasks.hpp"
#include "statistics.hpp"
#include "thread_count.hpp"

using namespace popflow;
using namespace popflow::test;

namespace {

// Sums of at most a few hundred numbers of order one, in another order.
constexpr double rounding = 1e-12;

// More than one piece of the batch (of 64 samples), and the last one not full.
constexpr int uneven_batch = 150;

constexpr SampleGradient kinds[] = {SampleGradient::network, SampleGradient::quartic};

std::string name(SampleGradient kind) {
  return kind == SampleGradient::network ? "network" : "quartic";
}

double largest(const Field& field) { return field.cwiseAbs().maxCoeff(); }

// The samples of one step, drawn one by one.
struct Sample {
  Field x;
  double label;
};

std::vector<Sample> samples_of(Task task, const Sgd::Options& options, std::uint64_t step) {
  std::vector<Sample> samples;
  Minibatch one{{1, lattice_of(task).sites()}, std::vector<int>(1)};
  const auto batch = static_cast<std::uint64_t>(options.batch);
  for (std::uint64_t n = step * batch; n < (step + 1) * batch; ++n) {
    draw_samples(task, options.seed, Purpose::training, options.run, n, one);
    samples.push_back(
        {one.x.row(0).transpose(), task[static_cast<std::size_t>(one.label_class[0])].label});
  }
  return samples;
}

// The loss of a sample at pre-activation lambda, and its slope (Eq. 22).
double sample_loss(SampleGradient kind, const Neuron& neuron, Loss loss, double y, double lambda) {
  if (kind == SampleGradient::quartic) {
    const auto [A2, A4] = quartic_expansion(neuron, loss, y);
    return A2 / 2.0 * std::pow(lambda, 2) + A4 / 24.0 * std::pow(lambda, 4);
  }
  const double sigma = derivatives(neuron.activation, neuron.bias + lambda)[0];
  return loss_value(loss, neuron.second_layer * sigma, y);
}

double sample_slope(SampleGradient kind, const Neuron& neuron, Loss loss, double y, double lambda) {
  if (kind == SampleGradient::quartic) {
    const auto [A2, A4] = quartic_expansion(neuron, loss, y);
    return A2 * lambda + A4 / 6.0 * std::pow(lambda, 3);
  }
  const Derivatives s = derivatives(neuron.activation, neuron.bias + lambda);
  return neuron.second_layer * s[1] * loss_slope(loss, neuron.second_layer * s[0], y);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sgd)

BOOST_AUTO_TEST_CASE(gradient_is_the_average_over_samples_drawn_one_by_one) {
  for (const auto& shape : {std::vector{7}, {3, 4}}) {
    const Task task = lopsided_task(shape);
    const Weights u = random_weights(1, lattice_of(task).sites(), 1);
    for (const auto& [neuron_name, neuron] : reference_neurons())
      for (const Loss loss : losses)
        for (const SampleGradient kind : kinds) {
          const Sgd::Options options{uneven_batch, kind, 7, 2};
          Sgd sgd(task, neuron, loss, options);
          for (const std::uint64_t step : {0, 3}) {
            Field expected = Field::Zero(u.size());
            for (const auto& [x, y] : samples_of(task, options, step))
              expected += sample_slope(kind, neuron, loss, y, u.row(0).dot(x)) * x / uneven_batch;
            const double error = largest(sgd.gradient(u, step) - expected);
            BOOST_TEST(error <= rounding, neuron_name << ", " << name(loss) << ", " << name(kind)
                                                      << ", step " << step << ": " << error);
          }
        }
  }
}

// The five-point difference errs by step^4 / 30 of the fifth derivative, which at inputs of up to 4
// is at most 4^5 times that of the loss in lambda, about 100: 4e-9. Rounding is 1e-12.
BOOST_AUTO_TEST_CASE(gradient_is_the_finite_difference_of_the_sample_loss) {
  constexpr double step = 1e-3, tolerance = 4e-9;
  const Task task = lopsided_task({7});
  const Weights u = random_weights(1, 7, 2);
  for (const auto& [neuron_name, neuron] : reference_neurons())
    for (const Loss loss : losses)
      for (const SampleGradient kind : kinds) {
        const Sgd::Options options{3, kind};
        const auto along = [&, &n = neuron](int site, double distance) {
          Weights moved = u;
          moved(0, site) += distance;
          double mean = 0.0;
          for (const auto& [x, y] : samples_of(task, options, 0))
            mean += sample_loss(kind, n, loss, y, moved.row(0).dot(x)) / options.batch;
          return mean;
        };
        Field difference(7);
        for (int i = 0; i < 7; ++i)
          difference[i] = (8.0 * (along(i, step) - along(i, -step)) -
                           (along(i, 2.0 * step) - along(i, -2.0 * step))) /
                          (12.0 * step);
        const double error = largest(Sgd(task, neuron, loss, options).gradient(u, 0) - difference);
        BOOST_TEST(error <= tolerance,
                   neuron_name << ", " << name(loss) << ", " << name(kind) << ": " << error);
      }
}

// Over all modes of both lattices, 20 numbers, a correct gradient fails with probability 2e-3 when
// the seed is changed.
BOOST_AUTO_TEST_CASE(quartic_gradient_is_on_average_minus_the_flow) {
  const Neuron neuron{Erf{}, -0.7, 0.8};
  for (const auto& shape : {std::vector{8}, {3, 4}}) {
    const Task task = lopsided_task(shape);
    FourierTransform fourier(lattice_of(task));
    const Weights u = random_weights(1, lattice_of(task).sites(), 3);
    for (const Loss loss : losses) {
      QuarticFlow flow(task, neuron, loss);
      Eigen::VectorXd rate(flow.dimension());
      flow(state_of(fourier, u), rate, 0.0);
      Sgd sgd(task, neuron, loss, {500, SampleGradient::quartic, 4});
      SampleMeans means(flow.dimension());
      for (int step = 0; step < sample_count(400); ++step)
        means.add(state_of(fourier, sgd.gradient(u, static_cast<std::uint64_t>(step)).transpose()));
      check_means(means, -rate);
    }
  }
}

// At small weights the neuron's own gradient differs from the expansion's by the fifth order, and,
// over the same samples, by the odd orders that vanish in the mean: those are noise.
BOOST_AUTO_TEST_CASE(network_gradient_is_on_average_minus_the_flow_at_small_weights) {
  const Task task = lopsided_task({8});
  const Neuron neuron{Erf{}, -0.7, 0.8};
  FourierTransform fourier(lattice_of(task));
  const Weights u = random_weights(1, 8, 4, 0.05);
  QuarticFlow flow(task, neuron, Loss::squared);
  Eigen::VectorXd rate(flow.dimension());
  flow(state_of(fourier, u), rate, 0.0);
  Sgd sgd(task, neuron, Loss::squared, {500, SampleGradient::network, 5});
  SampleMeans means(flow.dimension());
  for (int step = 0; step < sample_count(400); ++step)
    means.add(state_of(fourier, sgd.gradient(u, static_cast<std::uint64_t>(step)).transpose()));
  check_means(means, -rate);
}

BOOST_AUTO_TEST_CASE(batches_of_any_size_average_over_all_their_samples) {
  const Task task = lopsided_task({7});
  const Weights u = random_weights(1, 7, 5);
  for (const int batch : {1, 2, 63, 64, 65, 127, 128, 129, 300}) {
    // Samples are numbered through the steps, so a batch is that many batches of one sample.
    Sgd ones(task, {}, Loss::squared, {1});
    Field expected = Field::Zero(7);
    for (int b = 0; b < batch; ++b)
      expected += ones.gradient(u, static_cast<std::uint64_t>(batch + b)) / batch;
    Sgd whole(task, {}, Loss::squared, {batch});
    BOOST_TEST(largest(whole.gradient(u, 1) - expected) <= rounding, batch);
  }
}

BOOST_AUTO_TEST_CASE(bits_do_not_depend_on_the_number_of_threads) {
  const Task task = lopsided_task({3, 4});
  const Weights u = random_weights(1, 12, 6);
  for (const SampleGradient kind : kinds) {
    const auto gradient = [&](int threads) {
      const ThreadCount limit(threads);
      return Field(Sgd(task, {}, Loss::squared, {777, kind}).gradient(u, 5));
    };
    const Field one = gradient(1);
    for (const int threads : {2, 3, 20}) BOOST_TEST((gradient(threads) == one), threads);
  }
}

BOOST_AUTO_TEST_CASE(threads_may_change_after_construction) {
  const Task task = lopsided_task({7});
  const Weights u = random_weights(1, 7, 7);
  const ThreadCount two(2);
  Sgd sgd(task, {}, Loss::squared, {300});
  const Field expected = sgd.gradient(u, 0);
  for (const int threads : {1, 3}) {
    const ThreadCount limit(threads);
    BOOST_TEST((sgd.gradient(u, 0) == expected), threads);
  }
}

BOOST_AUTO_TEST_CASE(steps_may_be_asked_for_in_any_order) {
  const Task task = lopsided_task({7});
  const Weights u = random_weights(1, 7, 8);
  Sgd forward(task, {}, Loss::squared, {uneven_batch}), backward = forward;
  const Field first = forward.gradient(u, 0), second = forward.gradient(u, 1);
  BOOST_TEST((backward.gradient(u, 1) == second));
  BOOST_TEST((backward.gradient(u, 0) == first));
  BOOST_TEST((first != second));
}

BOOST_AUTO_TEST_CASE(seeds_and_runs_draw_other_samples) {
  const Task task = lopsided_task({7});
  const Weights u = random_weights(1, 7, 9);
  const auto gradient = [&](std::uint64_t seed, std::uint32_t run) {
    return Field(
        Sgd(task, {}, Loss::squared, {10, SampleGradient::network, seed, run}).gradient(u, 0));
  };
  BOOST_TEST((gradient(1, 0) == gradient(1, 0)));
  BOOST_TEST((gradient(1, 0) != gradient(2, 0)));
  BOOST_TEST((gradient(1, 0) != gradient(1, 1)));
}

BOOST_AUTO_TEST_CASE(options_and_tasks_out_of_range_throw) {
  const Task good = lopsided_task({7});
  for (const int batch : {0, -1, std::numeric_limits<int>::min()})
    BOOST_CHECK_THROW(Sgd(good, {}, Loss::squared, {batch}), std::invalid_argument);
  Task improbable = good;
  improbable[0].probability = 0.6;
  for (const Task& bad : {Task{}, improbable})
    BOOST_CHECK_THROW(Sgd(bad, {}, Loss::squared, {}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(weights_of_another_shape_throw) {
  Sgd sgd(lopsided_task({7}), {}, Loss::squared, {10});
  for (const auto& [rows, columns] : {std::pair{1, 6}, {1, 8}, {2, 7}, {0, 7}, {7, 1}})
    BOOST_CHECK_THROW(sgd.gradient(Weights::Zero(rows, columns), 0), std::invalid_argument);
  BOOST_CHECK_NO_THROW(sgd.gradient(Weights::Zero(1, 7), 0));
}

BOOST_AUTO_TEST_SUITE_END()
