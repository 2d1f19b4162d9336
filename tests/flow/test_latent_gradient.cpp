#include <cmath>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/flow/gaussian_gradient.hpp"
#include "popflow/flow/latent_gradient.hpp"
#include "popflow/input/ising_ring.hpp"
#include "popflow/training/orbit_gradient.hpp"

#include "allocation_precondition.hpp"
#include "closed_form_networks.hpp"
#include "random_weights.hpp"
#include "reference_networks.hpp"
#include "reference_tasks.hpp"
#include "statistics.hpp"

BOOST_AUTO_TEST_SUITE(latent_gradient)

using namespace popflow;
using namespace popflow::test;

static_assert(PopulationGradient<LatentGradient>);

namespace {

template <PopulationGradient Gradient>
Eigen::VectorXd at_parameters(Gradient gradient, const Parameters& at) {
  Parameters out = at;
  gradient(at, out);
  return out.values;
}

}  // namespace

BOOST_AUTO_TEST_CASE(gaussian_inputs_give_the_gaussian_gradient) {
  for (const auto& shape : std::vector<std::vector<int>>{{8}, {3, 4}}) {
    const Task task = gaussian_clones(lopsided_task(shape));
    for (const Eigen::Index hidden : {1, 3})
      for (const auto& [name, network] : closed_form_networks()) {
        const Parameters at = random_parameters(Torus(shape), network, hidden, 1);
        const Eigen::VectorXd exact = at_parameters(GaussianGradient(task, network, hidden), at),
                              found = at_parameters(LatentGradient(task, network, hidden), at);
        BOOST_TEST((found - exact).norm() <= 1e-12 * exact.norm(), name);
      }
  }
}

// An erf field of gain g has fourth cumulants of order g^2, and so differs its gradient from that
// of its clone: four times less at half of the gain, to a tenth for orders g^4 and the rule.
BOOST_AUTO_TEST_CASE(small_gains_approach_the_gaussian_gradient) {
  const Network network{Erf{}, Loss::squared};
  for (const Eigen::Index hidden : {1, 2}) {
    const Parameters at = random_parameters(Torus({12}), network, hidden, 2);
    const auto difference = [&](double gain) {
      const Task task = two_lengths({12}, gain, 3.0, 1.0);
      return (at_parameters(LatentGradient(task, network, hidden, {2, 1e-7}), at) -
              at_parameters(GaussianGradient(task, network, hidden), at))
          .norm();
    };
    const double ratio = difference(0.08) / difference(0.04);
    BOOST_TEST(std::abs(ratio - 4.0) < 0.4, hidden << " neurons: " << ratio);
  }
}

// The step of a ReLU's slope is as narrow as the residual of its pre-activation. The error is the
// rule's tolerance; without regard to the step it would be 1 to 6 %.
BOOST_AUTO_TEST_CASE(the_step_of_a_relu_is_resolved) {
  const Network network{Relu{}, Loss::squared};
  for (const double xi : {12.0, 30.0})
    for (const int latents : {1, 2}) {
      const Task task = two_lengths({40}, 3.0, xi, 2.0);
      const Parameters at = random_parameters(Torus({40}), network, 1, 9);
      const Eigen::VectorXd fine = at_parameters(LatentGradient(task, network, 1, {latents, 1e-6}),
                                                 at),
                            found = at_parameters(LatentGradient(task, network, 1, {latents}), at);
      const double off = (found - fine).norm() / fine.norm();
      BOOST_TEST(off < 1e-3, "xi " << xi << ", " << latents << " directions: " << off);
    }
}

// Bit for bit but for what the order of sums does; a narrow neuron beside a wide one, and one that
// is still small beside one that has grown.
BOOST_AUTO_TEST_CASE(the_order_of_the_neurons_does_not_matter) {
  const Network network{Erf{}, Loss::squared};
  const Task task = two_lengths({40}, 3.0, 4.0, 1.0);
  for (const double size : {1.0, 1e-6}) {
    Parameters at = random_parameters(Torus({40}), network, 2, 10), swapped = at;
    at.first().row(0).setZero();
    at.first()(0, 7) = size;
    swapped.first().row(0) = at.first().row(1);
    swapped.first().row(1) = at.first().row(0);
    swapped.bias().reverseInPlace();
    swapped.second().reverseInPlace();
    LatentGradient gradient(task, network, 2);
    Parameters out = at, out_swapped = at;
    gradient(at, out);
    gradient(swapped, out_swapped);
    for (int k : {0, 1}) {
      const double off =
          (out.first().row(k) - out_swapped.first().row(1 - k)).norm() / out.first().row(k).norm();
      BOOST_TEST(off < 2e-3, "size " << size << ", neuron " << k << ": " << off);
    }
  }
}

// One direction explains all of a field of one mode.
BOOST_AUTO_TEST_CASE(no_more_directions_than_modes_are_taken) {
  const Network network{Erf{}, Loss::squared};
  const Task task = two_lengths({20}, 3.0, 20.0, 1.0);
  const Parameters at = random_parameters(Torus({20}), network, 1, 11);
  const Eigen::VectorXd one = at_parameters(LatentGradient(task, network, 1, {1}), at),
                        four = at_parameters(LatentGradient(task, network, 1, {4}), at);
  BOOST_TEST((one.array() == four.array()).all());
}

// On a short ring, where several sites fall into a correlation length: the closure's error against
// the orbit average falls with its order, and is a few per cent of the gradient at two directions,
// three times less than that of the Gaussian closure. 1e5 orbits leave a standard error of 0.3 %.
BOOST_AUTO_TEST_CASE(more_directions_come_closer_to_the_population) {
  const Task task = two_lengths({16}, 3.0, 4.0, 1.0);
  for (const Eigen::Index hidden : {1, 3}) {
    const Network network{Erf{}, Loss::squared};
    Parameters at = random_parameters(Torus({16}), network, hidden, 3);
    for (Eigen::Index k = 0; k < hidden; ++k) at.bias()[k] = k % 2 == 0 ? -1.0 : 1.0;
    OrbitGradient orbit(task, network, hidden, {.samples = sample_count(100'000), .seed = 5});
    const Eigen::VectorXd population = orbit.gradient(at, 0).values;
    const auto error = [&](const Eigen::VectorXd& found) {
      return (found - population).norm() / population.norm();
    };
    const double gaussian = error(at_parameters(GaussianGradient(task, network, hidden), at)),
                 one = error(at_parameters(LatentGradient(task, network, hidden, {1}), at)),
                 two = error(at_parameters(LatentGradient(task, network, hidden, {2}), at));
    BOOST_TEST(two < 0.04, hidden << " neurons: " << two);
    BOOST_TEST(two < one, hidden << " neurons: " << two << ", one direction " << one);
    BOOST_TEST(two < gaussian / 3.0, hidden << " neurons: " << two << ", Gaussian " << gaussian);
  }
}

BOOST_AUTO_TEST_CASE(moves_with_the_weights) {
  for (const auto& shape : std::vector<std::vector<int>>{{9}, {3, 4}})
    for (const Eigen::Index hidden : {1, 2}) {
      const Network network{Erf{}, Loss::squared};
      LatentGradient gradient(lopsided_task(shape), network, hidden, {2, 1e-2});
      check_equivariance(gradient, Torus(shape),
                         random_parameters(Torus(shape), network, hidden, 4), "latent");
    }
}

// Between two calls nothing is remembered.
BOOST_AUTO_TEST_CASE(the_same_weights_have_the_same_gradient) {
  const Task task = lopsided_task({9});
  const Network network{Erf{}, Loss::squared};
  LatentGradient gradient(task, network, 2);
  const Parameters at = random_parameters(Torus({9}), network, 2, 5),
                   other = random_parameters(Torus({9}), network, 2, 6);
  Parameters first = at, second = at, between = at;
  gradient(at, first);
  gradient(other, between);
  gradient(at, second);
  BOOST_TEST((first.values.array() == second.values.array()).all());
}

// Once a neuron, in the one class that has two directions.
BOOST_AUTO_TEST_CASE(only_the_eigensolver_allocates,
                     *boost::unit_test::precondition(counting_allocations)) {
  const Network network{Erf{}, Loss::squared};
  LatentGradient gradient(two_lengths({40}, 3.0, 4.0, 1.0), network, 2, {2, 3e-2});
  const Parameters at = random_parameters(Torus({40}), network, 2, 7);
  Parameters out = at;
  gradient(at, out);
  const std::size_t before = allocation_count();
  gradient(at, out);
  BOOST_TEST(allocation_count() <= before + 2);
}

// So that an integrator sees where a flow has diverged.
BOOST_AUTO_TEST_CASE(weights_that_are_not_finite_have_no_finite_gradient) {
  const Network network{Erf{}, Loss::squared};
  for (const Eigen::Index hidden : {1, 2}) {
    Parameters at = random_parameters(Torus({12}), network, hidden, 8);
    at.first()(0, 3) = std::nan("");
    LatentGradient gradient(two_lengths({12}, 3.0, 4.0, 1.0), network, hidden, {2, 1e-2});
    BOOST_TEST(!at_parameters(gradient, at).allFinite());
  }
}

// Pre-activations are then 0, whatever the inputs.
BOOST_AUTO_TEST_CASE(without_weights_the_gradient_is_that_of_gaussian_inputs) {
  const Task task = two_lengths({8}, 3.0, 2.0, 1.0);
  for (const int hidden : {1, 2}) {
    Parameters at = random_parameters(Torus({8}), {}, hidden, 3);
    at.first().setZero();
    Parameters latent = at, gaussian = at;
    LatentGradient(task, {}, hidden)(at, latent);
    GaussianGradient(gaussian_clones(task), {}, hidden)(at, gaussian);
    BOOST_TEST((latent.values - gaussian.values).norm() < 1e-12);
    BOOST_TEST(gaussian.values.norm() > 0.1);
  }
}

BOOST_AUTO_TEST_CASE(what_it_cannot_do_is_refused) {
  const Task task = two_lengths({8}, 3.0, 2.0, 1.0);
  BOOST_CHECK_THROW(LatentGradient(task, {Erf{}, Loss::squared}, 0), std::invalid_argument);
  BOOST_CHECK_THROW(LatentGradient(task, {Erf{}, Loss::squared}, 1, {0}), std::invalid_argument);
  for (const Task& any : {task, gaussian_clones(task)})
    for (const LatentOptions& options :
         {LatentOptions{5}, {-1}, {2, 0.0}, {2, 0.2}, {2, 1e-3, 0}, {2, 1e-3, 151}})
      BOOST_CHECK_THROW(LatentGradient(any, {Erf{}, Loss::squared}, 1, options),
                        std::invalid_argument);
  BOOST_CHECK_THROW(LatentGradient(task, {Erf{}, Loss::logistic}, 2), std::invalid_argument);
  BOOST_CHECK_THROW(LatentGradient(task, {Tanh{}, Loss::squared}, 2), std::invalid_argument);
  BOOST_CHECK_THROW(LatentGradient(task, {Erf{}, Loss::squared, Convolution{{3}}}, 1),
                    std::invalid_argument);
  const Task spins{{1.0, 1.0, IsingRing(Torus({8}), 2.0)}};
  BOOST_CHECK_THROW(LatentGradient(spins, {Erf{}, Loss::squared}, 1), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
