#include <cmath>
#include <numeric>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/network/network_gradient.hpp"

#include "allocation_precondition.hpp"
#include "reference_networks.hpp"
#include "reference_neurons.hpp"
#include "reference_tasks.hpp"

BOOST_AUTO_TEST_SUITE(network_gradient)

using namespace popflow;
using namespace popflow::test;

namespace {

// Not a multiple of the neurons or the groups that the kernels take at once.
constexpr Eigen::Index hidden = 11;
constexpr int samples = 150;

template <class Real>
LaneBatch<Real> drawn(Task task, int count) {
  LaneBatch<Real> batch(task, count);
  std::vector<std::uint64_t> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), std::uint64_t{0});
  draw_samples(task, {1, Purpose::training}, numbers, batch);
  return batch;
}

// f(x, y) for every lane of the batch that has a sample.
template <class F>
void for_samples(const LaneBatch<double>& batch, F&& f) {
  for (int g = 0; g < batch.groups; ++g)
    for (int l = 0; l < lanes; ++l)
      if (batch.weight(g, l) != 0.0) f(Field(batch.fields(g).col(l)), batch.label(g, l), g, l);
}

double total_loss(const Torus& torus, const Network& network, const Parameters& parameters,
                  const LaneBatch<double>& batch) {
  double sum = 0.0;
  for_samples(batch, [&](const Field& x, double y, int, int) {
    sum += loss_value(network.loss, output(torus, network, parameters, x), y);
  });
  return sum;
}

Parameters difference(const Torus& torus, const Network& network, const Parameters& parameters,
                      const LaneBatch<double>& batch, double step) {
  Parameters result = parameters, moved = parameters;
  for (Eigen::Index i = 0; i < parameters.values.size(); ++i) {
    const auto at = [&](double distance) {
      moved.values[i] = parameters.values[i] + distance;
      return total_loss(torus, network, moved, batch);
    };
    result.values[i] =
        (8.0 * (at(step) - at(-step)) - (at(2.0 * step) - at(-2.0 * step))) / (12.0 * step);
    moved.values[i] = parameters.values[i];
  }
  return result;
}

template <class Real>
Parameters gradient(const Torus& torus, const Network& network, const Parameters& parameters,
                    const LaneBatch<Real>& batch) {
  NetworkGradient<Real> object(torus, network, parameters.hidden());
  object.set(parameters);
  Parameters sum(parameters.hidden(), parameters.sites());
  object.add(batch, sum);
  return sum;
}

// Every architecture with every activation and loss.
template <class F>
void for_networks(F&& f) {
  for (const auto& [architecture, shape, convolution] : architectures())
    for (const auto& [activation_name, activation] : all_activations())
      for (const Loss loss : losses)
        f(architecture + ", " + activation_name + ", " + name(loss), Torus(shape),
          Network{activation, loss, convolution});
}

}  // namespace

// The five-point difference errs by rounding, 1e-15 of sums of order 1e2 over the step: 5e-9 of the
// gradient. The error of order step^4 is nothing next to that. Relu and the maximum have kinks,
// which no sample of this seed is within two steps of.
BOOST_AUTO_TEST_CASE(gradient_is_the_finite_difference_of_the_loss) {
  constexpr double step = 2e-5, tolerance = 1e-8;
  constexpr int few = 20;
  for_networks([&](const std::string& name, const Torus& torus, const Network& network) {
    const auto batch = drawn<double>(lopsided_task(torus.shape()), few);
    const Parameters parameters = random_parameters(torus, network, 2, 3);
    const Parameters exact = difference(torus, network, parameters, batch, step),
                     found = gradient(torus, network, parameters, batch);
    const double error = (found.values - exact.values).cwiseAbs().maxCoeff();
    BOOST_TEST(error <= tolerance * (1.0 + exact.values.cwiseAbs().maxCoeff()),
               name << ": " << error);
  });
}

// A gradient of `hidden` neurons over `samples` samples is the same sum in another order: numbers
// of order 1e3, each with a rounding error of a few epsilon.
BOOST_AUTO_TEST_CASE(many_neurons_and_samples_add_up) {
  constexpr double rounding = 1e-10;
  for_networks([&](const std::string& name, const Torus& torus, const Network& network) {
    const Task task = lopsided_task(torus.shape());
    const auto batch = drawn<double>(task, samples);
    const Parameters parameters = random_parameters(torus, network, hidden, 4);
    Parameters sum(hidden, parameters.sites());
    LaneBatch<double> one(task, 1);
    one.groups = 1;
    one.weight.setZero();
    for (int g = 0; g < batch.groups; ++g) {
      one.fields(0) = batch.fields(g);
      one.label.row(0) = batch.label.row(g);
      for (int l = 0; l < lanes; ++l) {
        one.weight.row(0).setZero();
        one.weight(0, l) = batch.weight(g, l);
        sum.values += gradient(torus, network, parameters, one).values;
      }
    }
    const Parameters found = gradient(torus, network, parameters, batch);
    BOOST_TEST((found.values - sum.values).cwiseAbs().maxCoeff() <=
                   rounding * (1.0 + sum.values.cwiseAbs().maxCoeff()),
               name);
  });
}

BOOST_AUTO_TEST_CASE(outputs_are_those_of_the_definition) {
  constexpr double rounding = 1e-13;
  for_networks([&](const std::string& name, const Torus& torus, const Network& network) {
    const auto batch = drawn<double>(lopsided_task(torus.shape()), samples);
    const Parameters parameters = random_parameters(torus, network, hidden, 5);
    NetworkGradient<double> object(torus, network, hidden);
    object.set(parameters);
    LaneFields<double> phi(batch.groups, lanes);
    object.outputs(batch, phi);
    double error = 0.0;
    for_samples(batch, [&](const Field& x, double, int g, int l) {
      const double exact = output(torus, network, parameters, x);
      error = std::max(error, std::abs(phi(g, l) - exact) / (1.0 + std::abs(exact)));
    });
    BOOST_TEST(error <= rounding * 1e2, name << ": " << error);
  });
}

// Single precision has 6e-8; sums of `samples` terms of either sign lose two digits at most. A relu
// or maximum within rounding of its kink may go either way: one sample of `samples`.
BOOST_AUTO_TEST_CASE(single_precision_agrees_to_its_rounding) {
  constexpr double rounding = 2e-5;
  for_networks([&](const std::string& name, const Torus& torus, const Network& network) {
    const Task task = lopsided_task(torus.shape());
    const Parameters parameters = random_parameters(torus, network, hidden, 6);
    const Parameters exact = gradient(torus, network, parameters, drawn<double>(task, samples)),
                     found = gradient(torus, network, parameters, drawn<float>(task, samples));
    const double error = (found.values - exact.values).norm() / exact.values.norm();
    BOOST_TEST(error <= rounding, name << ": " << error);
  });
}

BOOST_AUTO_TEST_CASE(lanes_without_a_sample_do_not_count) {
  const Torus torus({7});
  auto batch = drawn<double>(lopsided_task({7}), samples);
  const Network network;
  const Parameters parameters = random_parameters(torus, network, hidden, 7);
  const Parameters before = gradient(torus, network, parameters, batch);
  for (int g = 0; g < batch.groups; ++g)
    for (int l = 0; l < lanes; ++l)
      if (batch.weight(g, l) == 0.0) batch.fields(g).col(l).setConstant(3.0);
  BOOST_TEST((gradient(torus, network, parameters, batch).values == before.values));
}

BOOST_AUTO_TEST_CASE(nothing_is_allocated, *boost::unit_test::precondition(counting_allocations)) {
  for (const auto& [name, shape, convolution] : architectures()) {
    const Torus torus(shape);
    const Network network{Erf{}, Loss::logistic, convolution};
    const auto batch = drawn<float>(lopsided_task(shape), samples);
    const Parameters parameters = random_parameters(torus, network, hidden, 8);
    NetworkGradient<float> object(torus, network, hidden);
    Parameters sum(hidden, parameters.sites());
    const auto before = allocation_count();
    object.set(parameters);
    object.add(batch, sum);
    BOOST_TEST(allocation_count() == before, name);
  }
}

BOOST_AUTO_TEST_SUITE_END()
