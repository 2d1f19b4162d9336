#include <cmath>
#include <numeric>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/network/network_gradient.hpp"
#include "popflow/training/orbit_gradient.hpp"
#include "popflow/training/sgd.hpp"

#include "reference_networks.hpp"
#include "reference_neurons.hpp"
#include "reference_tasks.hpp"
#include "statistics.hpp"
#include "thread_count.hpp"

BOOST_AUTO_TEST_SUITE(orbit_gradient)

using namespace popflow;
using namespace popflow::test;

namespace {

constexpr Eigen::Index hidden = 3;

// The average over samples and all their shifts, shift by shift.
Parameters by_definition(Task task, const Network& network, const Parameters& parameters,
                         const OrbitGradient::Options& options, std::uint64_t evaluation) {
  const Torus& torus = lattice_of(task);
  std::vector<std::uint64_t> numbers(static_cast<std::size_t>(options.samples));
  std::iota(numbers.begin(), numbers.end(),
            evaluation * static_cast<std::uint64_t>(options.samples));
  LaneBatch<double> batch(task, options.samples);
  draw_samples(task, {options.seed, Purpose::orbit, options.run}, numbers, batch);
  const LaneBatch<double> drawn = batch;
  NetworkGradient<double> gradient(torus, network, parameters.hidden());
  gradient.set(parameters);
  Parameters sum(parameters.hidden(), parameters.sites());
  for (int s = 0; s < torus.sites(); ++s) {
    for (int g = 0; g < batch.groups; ++g)
      for (int l = 0; l < lanes; ++l)
        batch.fields(g).col(l) = shifted(torus, drawn.fields(g).col(l), s);
    gradient.add(batch, sum);
  }
  sum.values /= torus.sites() * options.samples;
  return sum;
}

}  // namespace

// Sums of some thousand numbers of order one, in another order.
BOOST_AUTO_TEST_CASE(gradient_is_the_average_over_all_shifts) {
  constexpr double rounding = 1e-12;
  for (const auto& shape : {std::vector{7}, {8}, {3, 4}})
    for (const auto& [name, activation] : all_activations())
      for (const Loss loss : losses) {
        const Task task = labelled_for(loss, lopsided_task(shape));
        const Network network{activation, loss};
        const Parameters parameters = random_parameters(Torus(shape), network, hidden, 1);
        for (const int samples : {1, 40, 300}) {
          const OrbitGradient::Options options{samples, 5, 2};
          OrbitGradient orbit(task, network, hidden, options);
          const Parameters exact = by_definition(task, network, parameters, options, 3);
          BOOST_TEST((orbit.gradient(parameters, 3).values - exact.values).cwiseAbs().maxCoeff() <=
                         rounding * (1.0 + exact.values.cwiseAbs().maxCoeff()),
                     name << ", " << test::name(loss) << ", " << samples << " samples");
        }
      }
}

// Both estimate one gradient of 30 entries: some differ by 4 standard errors with probability 2e-3
// when the seed is changed.
BOOST_AUTO_TEST_CASE(mean_is_that_of_plain_samples) {
  const Task task = lopsided_task({8});
  const Network network;
  const Parameters parameters = random_parameters(Torus({8}), network, hidden, 2);
  Sgd<double> plain(task, network, parameters, {{.batch = 500}});
  OrbitGradient orbit(task, network, hidden, {100});
  SampleMeans difference(parameters.values.size());
  for (int n = 0; n < sample_count(2000); ++n) {
    const auto step = static_cast<std::uint64_t>(n);
    difference.add(
        (plain.gradient(parameters, step).values - orbit.gradient(parameters, step).values)
            .array());
  }
  check_means(difference, Eigen::ArrayXd::Zero(parameters.values.size()));
}

// The estimated variance of an entry, from 15 differences of pieces, scatters by 0.37 of itself;
// averaged over 400 evaluations, by 2 %.
BOOST_AUTO_TEST_CASE(standard_error_is_the_scatter_of_evaluations) {
  constexpr int samples = 16 * 128, evaluations = 400;
  const Task task = lopsided_task({8});
  const Network network;
  const Parameters parameters = random_parameters(Torus({8}), network, 1, 3);
  OrbitGradient orbit(task, network, 1, {samples});
  SampleMeans scatter(parameters.values.size());
  Eigen::ArrayXd variance = Eigen::ArrayXd::Zero(parameters.values.size());
  for (int n = 0; n < evaluations; ++n) {
    scatter.add(orbit.gradient(parameters, static_cast<std::uint64_t>(n)).values.array());
    variance += orbit.standard_error().array().square() / evaluations;
  }
  const Eigen::ArrayXd ratio =
      variance / (scatter.standard_error().square() * static_cast<double>(evaluations));
  // The scatter's own variance is known to sqrt(2 / 400) = 7 %, each of ten entries.
  for (const double r : ratio) BOOST_TEST(std::abs(r - 1.0) < 0.3);
  BOOST_TEST(OrbitGradient(task, network, 1, {255}).standard_error().array().isNaN().all());
}

// By definition: from three whole pieces, each an evaluation by itself, of a mean over some samples
// more.
BOOST_AUTO_TEST_CASE(standard_error_is_that_of_a_mean_of_pieces) {
  constexpr int piece = 128, whole = 3, samples = whole * piece + 50;
  const Task task = lopsided_task({7});
  const Parameters parameters = random_parameters(Torus({7}), {}, hidden, 3);
  OrbitGradient pieces(task, {}, hidden, {piece}), orbit(task, {}, hidden, {samples});
  Eigen::ArrayXXd gradient(parameters.values.size(), whole);
  for (int n = 0; n < whole; ++n)
    gradient.col(n) = pieces.gradient(parameters, static_cast<std::uint64_t>(n)).values.array();
  const Eigen::ArrayXXd deviation = gradient.colwise() - gradient.rowwise().mean();
  const Eigen::ArrayXd variance = deviation.square().rowwise().sum() / (whole - 1.0);
  orbit.gradient(parameters, 0);
  const Eigen::ArrayXd expected = (variance * piece / samples).sqrt();
  BOOST_TEST((orbit.standard_error().array() / expected - 1.0).abs().maxCoeff() < 1e-10);
}

BOOST_AUTO_TEST_CASE(bits_do_not_depend_on_the_number_of_threads) {
  const Task task = lopsided_task({7});
  const Parameters parameters = random_parameters(Torus({7}), {}, hidden, 4);
  const auto on = [&](int threads) {
    const ThreadCount limit(threads);
    OrbitGradient orbit(task, {}, hidden, {1000});
    return orbit.gradient(parameters, 1).values;
  };
  const Eigen::VectorXd one = on(1);
  for (const int threads : {2, 7}) BOOST_TEST((on(threads) == one));
}

BOOST_AUTO_TEST_CASE(evaluations_seeds_and_runs_have_samples_of_their_own) {
  const Task task = lopsided_task({7});
  const Parameters parameters = random_parameters(Torus({7}), {}, hidden, 5);
  const auto of = [&](std::uint64_t evaluation, std::uint64_t seed, std::uint32_t run) {
    OrbitGradient orbit(task, {}, hidden, {50, seed, run});
    return orbit.gradient(parameters, evaluation).values;
  };
  BOOST_TEST((of(0, 1, 0) == of(0, 1, 0)));
  BOOST_TEST((of(0, 1, 0) != of(1, 1, 0)));
  BOOST_TEST((of(0, 1, 0) != of(0, 2, 0)));
  BOOST_TEST((of(0, 1, 0) != of(0, 1, 1)));
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  const Task task = lopsided_task({7});
  BOOST_CHECK_THROW(OrbitGradient(task, {}, hidden, {0}), std::invalid_argument);
  BOOST_CHECK_THROW(OrbitGradient({}, {}, hidden, {10}), std::invalid_argument);
  const Network convolutional{Erf{}, Loss::squared, Convolution{{3}}};
  BOOST_CHECK_THROW(OrbitGradient(task, convolutional, hidden, {10}), std::invalid_argument);
  OrbitGradient orbit(task, {}, hidden, {10});
  BOOST_CHECK_THROW(orbit.gradient(Parameters(hidden, 6), 0), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
