#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/flow/quartic_flow.hpp"
#include "popflow/training/sgd.hpp"

#include "allocation_precondition.hpp"
#include "random_weights.hpp"
#include "reference_neurons.hpp"
#include "reference_tasks.hpp"
#include "statistics.hpp"
#include "thread_count.hpp"

BOOST_AUTO_TEST_SUITE(sgd)

using namespace popflow;
using namespace popflow::test;

namespace {

// Sums of at most a few hundred numbers of order one, in another order.
constexpr double rounding = 1e-12;

// More than one piece of the batch (of 256 samples), and the last one not full.
constexpr int uneven_batch = 600;

constexpr SampleGradient kinds[] = {SampleGradient::network, SampleGradient::quartic};

std::string gradient_name(SampleGradient kind) {
  return kind == SampleGradient::network ? "network" : "quartic";
}

double largest(const Field& field) { return field.cwiseAbs().maxCoeff(); }

Sgd<double>::Options options(int batch, SampleGradient kind = SampleGradient::network,
                             std::uint64_t seed = 1, std::uint32_t run = 0) {
  return {{.batch = batch, .seed = seed, .run = run}, kind};
}

Sgd<double> sgd_of(const Task& task, const Neuron& neuron, Loss loss,
                   const Sgd<double>::Options& options) {
  const Parameters shape = parameters_of(neuron, Weights::Zero(1, lattice_of(task).sites()));
  return {task, network_of(neuron, loss), shape, options};
}

// The gradient in the first layer.
Field gradient(Sgd<double>& sgd, const Neuron& neuron, const Weights& u, std::uint64_t step) {
  return sgd.gradient(parameters_of(neuron, u), step).first().row(0).transpose();
}

// The samples of one step, drawn one by one.
struct Sample {
  Field x;
  double label;
};

std::vector<Sample> samples_of(Task task, const SampleSchedule::Options& schedule,
                               std::uint64_t step) {
  std::vector<Sample> samples;
  LaneBatch<double> one(task, 1);
  const auto batch = static_cast<std::uint64_t>(schedule.batch);
  for (std::uint64_t n = step * batch; n < (step + 1) * batch; ++n) {
    draw_samples(task, {schedule.seed, Purpose::training, schedule.run}, std::span(&n, 1), one);
    samples.push_back({one.fields(0).col(0), one.label(0, 0)});
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

BOOST_AUTO_TEST_CASE(gradient_is_the_average_over_samples_drawn_one_by_one) {
  for (const auto& shape : {std::vector{7}, {3, 4}}) {
    const Task any = lopsided_task(shape);
    const Weights u = random_weights(1, lattice_of(any).sites(), 1);
    for (const auto& [neuron_name, neuron] : reference_neurons())
      for (const Loss loss : losses)
        for (const SampleGradient kind : kinds) {
          const Task task = labelled_for(loss, any);
          const Sgd<double>::Options chosen = options(uneven_batch, kind, 7, 2);
          Sgd<double> sgd = sgd_of(task, neuron, loss, chosen);
          for (const std::uint64_t step : {0, 3}) {
            Field expected = Field::Zero(u.size());
            for (const auto& [x, y] : samples_of(task, chosen.schedule, step))
              expected += sample_slope(kind, neuron, loss, y, u.row(0).dot(x)) * x / uneven_batch;
            const double error = largest(gradient(sgd, neuron, u, step) - expected);
            BOOST_TEST(error <= rounding, neuron_name << ", " << name(loss) << ", "
                                                      << gradient_name(kind) << ", step " << step
                                                      << ": " << error);
          }
        }
  }
}

// The five-point difference errs by step^4 / 30 of the fifth derivative, which at inputs of up to 4
// is at most 4^5 times that of the loss in lambda, about 100: 4e-9. Rounding is 1e-12.
BOOST_AUTO_TEST_CASE(gradient_is_the_finite_difference_of_the_sample_loss) {
  constexpr double step = 1e-3, tolerance = 4e-9;
  const Task any = lopsided_task({7});
  const Weights u = random_weights(1, 7, 2);
  for (const auto& [neuron_name, neuron] : reference_neurons())
    for (const Loss loss : losses)
      for (const SampleGradient kind : kinds) {
        const Task task = labelled_for(loss, any);
        const Sgd<double>::Options chosen = options(3, kind);
        Sgd<double> sgd = sgd_of(task, neuron, loss, chosen);
        const auto along = [&, &n = neuron](int site, double distance) {
          Weights moved = u;
          moved(0, site) += distance;
          double mean = 0.0;
          for (const auto& [x, y] : samples_of(task, chosen.schedule, 0))
            mean += sample_loss(kind, n, loss, y, moved.row(0).dot(x)) / chosen.schedule.batch;
          return mean;
        };
        Field difference(7);
        for (int i = 0; i < 7; ++i)
          difference[i] = (8.0 * (along(i, step) - along(i, -step)) -
                           (along(i, 2.0 * step) - along(i, -2.0 * step))) /
                          (12.0 * step);
        const double error = largest(gradient(sgd, neuron, u, 0) - difference);
        BOOST_TEST(error <= tolerance, neuron_name << ", " << name(loss) << ", "
                                                   << gradient_name(kind) << ": " << error);
      }
}

// Over all modes of both lattices, 20 numbers, a correct gradient fails with probability 2e-3 when
// the seed is changed.
BOOST_AUTO_TEST_CASE(quartic_gradient_is_on_average_minus_the_flow) {
  const Neuron neuron{Erf{}, -0.7, 0.8};
  for (const auto& shape : {std::vector{8}, {3, 4}}) {
    const Task any = lopsided_task(shape);
    const Weights u = random_weights(1, lattice_of(any).sites(), 3);
    for (const Loss loss : losses) {
      const Task task = labelled_for(loss, any);
      const QuarticFlow flow(task, neuron, loss);
      Sgd<double> sgd = sgd_of(task, neuron, loss, options(500, SampleGradient::quartic, 4));
      SampleMeans means(flow.dimension());
      for (int step = 0; step < sample_count(400); ++step)
        means.add(flow.state(gradient(sgd, neuron, u, static_cast<std::uint64_t>(step)).transpose())
                      .values());
      check_means(means, -flow(flow.state(u)).values());
    }
  }
}

// At small weights the neuron's own gradient differs from the expansion's by the fifth order, and,
// over the same samples, by the odd orders that vanish in the mean: those are noise.
BOOST_AUTO_TEST_CASE(network_gradient_is_on_average_minus_the_flow_at_small_weights) {
  const Task task = lopsided_task({8});
  const Neuron neuron{Erf{}, -0.7, 0.8};
  const Weights u = random_weights(1, 8, 4, 0.05);
  const QuarticFlow flow(task, neuron, Loss::squared);
  Sgd<double> sgd = sgd_of(task, neuron, Loss::squared, options(500, SampleGradient::network, 5));
  SampleMeans means(flow.dimension());
  for (int step = 0; step < sample_count(400); ++step)
    means.add(flow.state(gradient(sgd, neuron, u, static_cast<std::uint64_t>(step)).transpose())
                  .values());
  check_means(means, -flow(flow.state(u)).values());
}

BOOST_AUTO_TEST_CASE(batches_of_any_size_average_over_all_their_samples) {
  const Task task = lopsided_task({7});
  const Weights u = random_weights(1, 7, 5);
  for (const int batch : {1, 2, 15, 16, 17, 255, 256, 257, 600}) {
    // Samples are numbered through the steps, so a batch is that many batches of one sample.
    Sgd<double> ones = sgd_of(task, {}, Loss::squared, options(1));
    Field expected = Field::Zero(7);
    for (int b = 0; b < batch; ++b)
      expected += gradient(ones, {}, u, static_cast<std::uint64_t>(batch + b)) / batch;
    Sgd<double> whole = sgd_of(task, {}, Loss::squared, options(batch));
    BOOST_TEST(largest(gradient(whole, {}, u, 1) - expected) <= rounding, batch);
  }
}

// 64 pieces at most: here of 512 samples, and the last of 464.
BOOST_AUTO_TEST_CASE(a_large_batch_is_the_mean_of_smaller_ones) {
  const Task task = lopsided_task({7});
  const Weights u = random_weights(1, 7, 5);
  constexpr int batch = 16'848, parts = 54;
  Sgd<double> small = sgd_of(task, {}, Loss::squared, options(batch / parts));
  Field expected = Field::Zero(7);
  for (int k = 0; k < parts; ++k)
    expected += gradient(small, {}, u, static_cast<std::uint64_t>(k)) / parts;
  Sgd<double> whole = sgd_of(task, {}, Loss::squared, options(batch));
  BOOST_TEST(largest(gradient(whole, {}, u, 0) - expected) <= rounding);
}

BOOST_AUTO_TEST_CASE(bits_do_not_depend_on_the_number_of_threads) {
  const Task task = lopsided_task({3, 4});
  const Weights u = random_weights(1, 12, 6);
  for (const SampleGradient kind : kinds) {
    const auto on = [&](int threads) {
      const ThreadCount limit(threads);
      Sgd<double> sgd = sgd_of(task, {}, Loss::squared, options(3000, kind));
      return gradient(sgd, {}, u, 5);
    };
    const Field one = on(1);
    for (const int threads : {2, 3, 20}) BOOST_TEST((on(threads) == one), threads);
  }
}

BOOST_AUTO_TEST_CASE(threads_may_change_after_construction) {
  const Task task = lopsided_task({7});
  const Weights u = random_weights(1, 7, 7);
  const ThreadCount two(2);
  Sgd<double> sgd = sgd_of(task, {}, Loss::squared, options(1000));
  const Field expected = gradient(sgd, {}, u, 0);
  for (const int threads : {1, 3}) {
    const ThreadCount limit(threads);
    BOOST_TEST((gradient(sgd, {}, u, 0) == expected), threads);
  }
}

BOOST_AUTO_TEST_CASE(steps_may_be_asked_for_in_any_order) {
  const Task task = lopsided_task({7});
  const Weights u = random_weights(1, 7, 8);
  for (const std::int64_t samples : {0, 1500}) {
    Sgd<double>::Options chosen = options(uneven_batch);
    chosen.schedule.samples = samples;
    Sgd<double> forward = sgd_of(task, {}, Loss::squared, chosen), backward = forward;
    std::vector<Field> gradients;
    for (const std::uint64_t step : {0, 1, 7}) gradients.push_back(gradient(forward, {}, u, step));
    BOOST_TEST((gradient(backward, {}, u, 7) == gradients[2]));
    BOOST_TEST((gradient(backward, {}, u, 1) == gradients[1]));
    BOOST_TEST((gradient(backward, {}, u, 0) == gradients[0]));
    BOOST_TEST((gradients[0] != gradients[1]));
  }
}

BOOST_AUTO_TEST_CASE(an_epoch_of_a_finite_sample_is_its_full_gradient) {
  const Task task = lopsided_task({7});
  const Weights u = random_weights(1, 7, 10);
  constexpr int samples = 700, batch = 300;
  Sgd<double>::Options chosen = options(batch);
  chosen.schedule.samples = samples;
  Sgd<double> minibatches = sgd_of(task, {}, Loss::squared, chosen);
  Sgd<double> full = sgd_of(task, {}, Loss::squared, options(samples));
  const Field expected = gradient(full, {}, u, 0);
  for (const std::uint64_t epoch : {0, 4}) {
    Field sum = Field::Zero(7);
    for (std::uint64_t step = 0; step < 3; ++step)
      sum +=
          (step < 2 ? batch : samples - 2 * batch) * gradient(minibatches, {}, u, 3 * epoch + step);
    BOOST_TEST(largest(sum / samples - expected) <= rounding);
  }
  // As a batch larger than the sample is.
  chosen.schedule.batch = 1'000'000;
  Sgd<double> capped = sgd_of(task, {}, Loss::squared, chosen);
  BOOST_TEST(largest(gradient(capped, {}, u, 3) - expected) <= rounding);
}

BOOST_AUTO_TEST_CASE(seeds_and_runs_draw_other_samples) {
  const Task task = lopsided_task({7});
  const Weights u = random_weights(1, 7, 9);
  const auto of = [&](std::uint64_t seed, std::uint32_t run) {
    Sgd<double> sgd =
        sgd_of(task, {}, Loss::squared, options(10, SampleGradient::network, seed, run));
    return gradient(sgd, {}, u, 0);
  };
  BOOST_TEST((of(1, 0) == of(1, 0)));
  BOOST_TEST((of(1, 0) != of(2, 0)));
  BOOST_TEST((of(1, 0) != of(1, 1)));
}

// Rounding of 6e-8 in each of the sums over a batch.
BOOST_AUTO_TEST_CASE(single_precision_follows_double) {
  const Task task = lopsided_task({7});
  for (const SampleGradient kind : kinds) {
    const Parameters parameters = parameters_of({}, random_weights(1, 7, 11));
    const Network network = network_of({}, Loss::squared);
    Sgd<double> exact(task, network, parameters, options(1000, kind));
    Sgd<float> found(task, network, parameters, {options(1000, kind).schedule, kind});
    const Eigen::VectorXd expected = exact.gradient(parameters, 2).values;
    BOOST_TEST((found.gradient(parameters, 2).values - expected).norm() < 1e-5 * expected.norm());
  }
}

BOOST_AUTO_TEST_CASE(a_step_allocates_nothing,
                     *boost::unit_test::precondition(popflow::test::counting_allocations)) {
  const Task task = lopsided_task({3, 4});
  for (const std::int64_t samples : {0, 1500})
    for (const SampleGradient kind : kinds) {
      Sgd<double>::Options chosen = options(uneven_batch, kind);
      chosen.schedule.samples = samples;
      Sgd<double> sgd = sgd_of(task, {}, Loss::squared, chosen);
      const Parameters parameters = parameters_of({}, random_weights(1, 12, 12));
      // Samplers have their scratch memory once they have drawn from each class: those of the
      // calling thread after a step by itself, the helper's after one with it, since it then takes
      // the first piece, in which all classes are.
      {
        const ThreadCount one(1);
        sgd.gradient(parameters, 0);
      }
      const ThreadCount two(2);
      sgd.gradient(parameters, 1);
      const auto before = allocation_count();
      for (std::uint64_t step = 2; step < 6; ++step) sgd.gradient(parameters, step);
      BOOST_TEST(allocation_count() == before);
    }
}

BOOST_AUTO_TEST_CASE(options_and_tasks_out_of_range_throw) {
  const Task good = lopsided_task({7});
  for (const int batch : {0, -1, std::numeric_limits<int>::min()})
    BOOST_CHECK_THROW(sgd_of(good, {}, Loss::squared, options(batch)), std::invalid_argument);
  Sgd<double>::Options negative = options(10);
  negative.schedule.samples = -1;
  BOOST_CHECK_THROW(sgd_of(good, {}, Loss::squared, negative), std::invalid_argument);
  Task improbable = good;
  improbable[0].probability = 0.6;
  const Parameters shape(1, 7);
  for (const Task& bad : {Task{}, improbable})
    BOOST_CHECK_THROW(Sgd<double>(bad, {}, shape, {}), std::invalid_argument);
  for (const auto& [rows, columns] : {std::pair{1, 6}, {1, 8}, {0, 7}})
    BOOST_CHECK_THROW(Sgd<double>(good, {}, Parameters(rows, columns), {}), std::invalid_argument);
  BOOST_CHECK_THROW(Sgd<double>(good, {}, Parameters(2, 7), options(1, SampleGradient::quartic)),
                    std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
