// Flows, gradients and transforms are const: one object serves any number of threads.

#include <array>
#include <latch>
#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/flow/edgeworth_gradient.hpp"
#include "popflow/flow/gaussian_gradient.hpp"
#include "popflow/flow/latent_gradient.hpp"
#include "popflow/flow/quartic_flow.hpp"

#include "reference_networks.hpp"
#include "reference_tasks.hpp"
#include "scaled_cumulant.hpp"

BOOST_AUTO_TEST_SUITE(shared_flow)

using namespace popflow;
using namespace popflow::test;

namespace {

struct Evaluators {
  QuarticFlow quartic;
  GaussianGradient gaussian;
  EdgeworthGradient edgeworth;
  LatentGradient latent;
  FourierTransform fourier;

  // All that they say of these parameters of two neurons.
  std::vector<Eigen::VectorXd> operator()(const Parameters& at) const {
    const State w = quartic.state(at.first().topRows(1));
    Parameters of_gaussian = at, of_edgeworth = at, of_latent = at;
    gaussian(at, of_gaussian);
    edgeworth(at, of_edgeworth);
    latent(at, of_latent);
    const Spectrum modes = fourier.forward(at.first().row(1).transpose());
    return {quartic(w).values(), Eigen::Vector2d(quartic.potential(w), quartic.neglected_terms(w)),
            of_gaussian.values,  of_edgeworth.values,
            of_latent.values,    modes.real(),
            modes.imag(),        fourier.backward(modes)};
  }
};

Evaluators evaluators(const std::vector<int>& shape) {
  const Task task = lopsided_task(shape);
  const Network network{Erf{}, Loss::squared};
  return {.quartic = {task, {Erf{}, -0.7, 0.8}, Loss::squared},
          .gaussian = {task, network, 2},
          .edgeworth = {task, network, 2, scaled_cumulants(task)},
          .latent = {task, network, 2, {2, 1e-2}},
          .fourier = FourierTransform(Torus(shape))};
}

}  // namespace

// The threads are at different states at any time. Their gradients are compared with those that one
// thread computes by objects of its own.
BOOST_AUTO_TEST_CASE(eight_threads_share_one_flow) {
  constexpr std::size_t threads = 8, states = 10;
  const std::vector<int> shape{3, 4};
  std::vector<Parameters> at;
  for (std::size_t s = 0; s < states; ++s)
    at.push_back(random_parameters(Torus(shape), {}, 2, 20 + s));

  const Evaluators shared = evaluators(shape);
  using Found = std::array<std::vector<Eigen::VectorXd>, states>;
  std::array<Found, threads> found;
  std::latch start(threads);
  std::vector<std::thread> others;
  for (std::size_t t = 0; t < threads; ++t)
    others.emplace_back([&, t] {
      start.arrive_and_wait();
      for (std::size_t n = 0; n < states; ++n) {
        const std::size_t s = (n + t) % states;
        found[t][s] = shared(at[s]);
      }
    });
  for (std::thread& other : others) other.join();

  const Evaluators alone = evaluators(shape);
  for (std::size_t s = 0; s < states; ++s) {
    const std::vector<Eigen::VectorXd> expected = alone(at[s]);
    for (std::size_t t = 0; t < threads; ++t)
      for (std::size_t i = 0; i < expected.size(); ++i) {
        BOOST_TEST(expected[i].allFinite());
        BOOST_TEST((found[t][s][i] == expected[i]),
                   "state " << s << ", thread " << t << ", quantity " << i);
      }
  }
}

BOOST_AUTO_TEST_SUITE_END()
