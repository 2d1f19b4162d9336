#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/dynamics/gradient_flow.hpp"
#include "popflow/dynamics/integrate.hpp"
#include "popflow/flow/gaussian_gradient.hpp"
#include "popflow/flow/quartic_flow.hpp"
#include "popflow/training/orbit_gradient.hpp"

#include "closed_form_networks.hpp"
#include "gradient_memory.hpp"
#include "log_slope.hpp"
#include "random_weights.hpp"
#include "reference_networks.hpp"
#include "reference_tasks.hpp"
#include "statistics.hpp"

BOOST_AUTO_TEST_SUITE(gaussian_gradient)

using namespace popflow;
using namespace popflow::test;

static_assert(PotentialGradient<GaussianGradient>);

namespace {

const std::vector<std::vector<int>> shapes{{7}, {8}, {3, 4}};

}  // namespace

BOOST_AUTO_TEST_CASE(gradient_is_that_of_the_loss) {
  for (const auto& shape : shapes)
    for (const Eigen::Index hidden : {1, 3})
      for (const auto& [name, network] : closed_form_networks()) {
        GaussianGradient gradient(lopsided_task(shape), network, hidden);
        for (const bool biased : {true, false}) {
          Parameters at = random_parameters(Torus(shape), network, hidden, 1);
          if (!biased) at.bias().setZero();
          check_gradient(gradient, at, name);
        }
      }
}

// K = 2 neurons: the loss by the definition, of samples. Over 3 x 9 losses one is off by 4 standard
// errors with probability 2e-3 when the seed is changed.
BOOST_AUTO_TEST_CASE(loss_is_the_population_mean) {
  constexpr int samples = sample_count(20'000);
  for (const auto& shape : shapes) {
    Task task = gaussian_clones(lopsided_task(shape));
    const Torus torus(shape);
    const auto networks = closed_form_networks();
    const Parameters at = random_parameters(torus, {}, 2, 2);
    SampleMeans means(std::ssize(networks));
    Field x(torus.sites());
    for (int n = 0; n < samples; ++n) {
      Eigen::ArrayXd losses = Eigen::ArrayXd::Zero(std::ssize(networks));
      for (std::size_t c = 0; c < task.size(); ++c) {
        RandomStream stream(11, Purpose::orbit, static_cast<std::uint64_t>(n) * 3 + c);
        task[c].input.sample(stream, x);
        for (std::size_t i = 0; i < networks.size(); ++i)
          losses[static_cast<Eigen::Index>(i)] +=
              task[c].probability * loss_value(networks[i].network.loss,
                                               output(torus, networks[i].network, at, x),
                                               task[c].label);
      }
      means.add(losses);
    }
    Eigen::ArrayXd exact(std::ssize(networks));
    for (std::size_t i = 0; i < networks.size(); ++i)
      exact[static_cast<Eigen::Index>(i)] = GaussianGradient(task, networks[i].network, 2).loss(at);
    check_means(means, exact);
  }
}

// K = 4 neurons with biases and second layer. Each of three activations has 40 entries, which are
// Student's t with 255 degrees of freedom. One of all exceeds 4.5 with probability 1.3e-3 when the
// seed is changed.
BOOST_AUTO_TEST_CASE(gradient_is_the_orbit_average) {
  const Task task = gaussian_clones(lopsided_task({8}));
  for (const Activation& activation :
       {Activation(Erf{}), Activation(Relu{}), Activation(cubic())}) {
    const Network network{activation, Loss::squared};
    const Parameters at = random_parameters(Torus({8}), network, 4, 3);
    Parameters exact = at;
    GaussianGradient(task, network, 4)(at, exact);
    OrbitGradient orbit(task, network, 4, {sample_count(256 * 128), 3});
    const Eigen::ArrayXd off = (orbit.gradient(at, 0).values - exact.values).array();
    const double worst = (off / orbit.standard_error().array()).abs().maxCoeff();
    BOOST_TEST(worst <= 4.5);
  }
}

BOOST_AUTO_TEST_CASE(inputs_count_by_their_covariance_alone) {
  const Task task = lopsided_task({8});
  const Parameters at = random_parameters(Torus({8}), {}, 3, 4);
  Parameters of_task = at, of_clones = at;
  GaussianGradient(task, {}, 3)(at, of_task);
  GaussianGradient(gaussian_clones(task), {}, 3)(at, of_clones);
  BOOST_TEST((of_task.values - of_clones.values).cwiseAbs().maxCoeff() <= 1e-14);
}

BOOST_AUTO_TEST_CASE(loss_falls_along_the_flow) {
  const Task task = lopsided_task({8});
  for (const Activation& activation : {Activation(Erf{}), Activation(Relu{})}) {
    const Network network{activation, Loss::squared};
    const Parameters start = random_parameters(Torus({8}), network, 3, 5);
    GaussianGradient gradient(task, network, 3);
    GradientFlow flow(gradient, start, {.bias_rate = 0.7, .second_layer_rate = 1.3});
    double before = std::numeric_limits<double>::infinity(), first = 0.0;
    integrate(flow, flow.state(start), {0.0, 0.3, 1.0, 3.0, 10.0},
              [&](const State& now, double tau) {
                const double loss = gradient.loss(flow.parameters(now));
                if (tau == 0.0) first = loss;
                BOOST_TEST(loss < before);
                before = loss;
              });
    BOOST_TEST(before < 0.5 * first);
  }
}

BOOST_AUTO_TEST_CASE(gradient_moves_with_the_weights) {
  for (const auto& shape : shapes) {
    const Torus torus(shape);
    for (const auto& [name, network] : closed_form_networks()) {
      GaussianGradient gradient(lopsided_task(shape), network, 3);
      check_equivariance(gradient, torus, random_parameters(torus, network, 3, 6), name);
    }
  }
}

// The difference is of fifth order in u: of both losses' sixth.
BOOST_AUTO_TEST_CASE(small_weights_follow_the_quartic_flow) {
  const Task task = gaussian_clones(lopsided_task({8}));
  for (const Loss loss : {Loss::squared, Loss::correlation})
    for (const Activation& activation :
         {Activation(Erf{}), Activation(Polynomial{{0.2, 0.7, -0.3, 0.1, 0.05, 0.0, 0.02}})})
      check_against_quartic(GaussianGradient(task, {activation, loss}, 1),
                            QuarticFlow(task, {activation, -0.7, 0.8}, loss));
}

BOOST_AUTO_TEST_CASE(calls_allocate_nothing,
                     *boost::unit_test::precondition(counting_allocations)) {
  for (const auto& [name, network] : closed_form_networks())
    check_allocates_nothing(GaussianGradient(lopsided_task({100}), network, 6),
                            random_parameters(Torus({100}), network, 6, 7), name);
}

BOOST_AUTO_TEST_CASE(what_has_no_closed_form_throws) {
  const Task task = lopsided_task({7});
  const auto refused = [&task](const Network& network, Eigen::Index hidden) {
    BOOST_CHECK_THROW(GaussianGradient(task, network, hidden), std::invalid_argument);
  };
  refused({Tanh{}, Loss::squared}, 2);
  refused({Erf{}, Loss::logistic}, 2);
  refused({Erf{}, Loss::squared, Convolution{{3}}}, 2);
  refused({}, 0);
  BOOST_CHECK_THROW(GaussianGradient({}, {}, 1), std::invalid_argument);
  GaussianGradient gradient(task, {}, 2);
  Parameters out(2, 7);
  for (const Parameters& other : {Parameters(3, 7), Parameters(2, 6)}) {
    BOOST_CHECK_THROW(gradient(other, out), std::invalid_argument);
    BOOST_CHECK_THROW(gradient.loss(other), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_SUITE_END()
