#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/flow/latent_average.hpp"
#include "popflow/flow/latent_directions.hpp"
#include "popflow/moments/arcsine.hpp"
#include "popflow/moments/cumulant_table.hpp"

#include "random_weights.hpp"
#include "reference_inputs.hpp"
#include "thread_count.hpp"

BOOST_AUTO_TEST_SUITE(latent_average)

using namespace popflow;
using namespace popflow::test;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Case {
  std::vector<int> shape;
  double gain, xi;
};

const std::vector<Case> cases{{{12}, 0.5, 2.0},      {{12}, 3.0, 3.0},  {{13}, 3.0, 1.0},
                              {{12}, infinity, 1.5}, {{12}, 10.0, 2.0}, {{3, 4}, 2.0, 1.5}};

// For the weights of one neuron, or two.
Eigen::MatrixXd average(const NonlinearGaussianField& x, const Eigen::MatrixXd& u, int latents,
                        double tolerance, const LatentAverage::Function& g, int most_terms = 24) {
  LatentDirections directions(x.torus(), x.latent().covariance(), erf_correlation_factor(x.gain()),
                              latents);
  Eigen::MatrixXd c(directions.modes(), latents), m(u.rows(), latents), out(u.rows(), u.cols());
  directions(u.col(0), c);
  directions.means(c, m);
  LatentAverage average(x.torus(), x.pointwise(),
                        {.neurons = static_cast<int>(u.cols()),
                         .latents = latents,
                         .tolerance = tolerance,
                         .most_terms = most_terms});
  average(u, m, g, out);
  return out;
}

// E of lambda_p for output o, whose average with x is C u_p.
ConditionalSlopes pre_activations(int, double, const ConditionalGaussian& lambda) {
  return {{lambda.mean[1], lambda.mean[0]}, {{{0.0, 1.0}, {1.0, 0.0}}}};
}

ConditionalSlopes neuron_one(int, double, const ConditionalGaussian& lambda) {
  return {{lambda.mean[0], 0.0}, {{{1.0, 0.0}, {}}}};
}

Field covariance_times(const NonlinearGaussianField& x, const Field& u) {
  FourierTransform fourier(x.torus());
  const Spectrum product = fourier.forward(u).array() * x.spectrum().array();
  return fourier.backward(product);
}

}  // namespace

// E[x lambda] = C u whatever the directions (law of total covariance): trapezoid rule, series and
// variances in one, to the series' share of the tolerance.
BOOST_AUTO_TEST_CASE(covariances_are_kept_to_the_tolerance) {
  for (const auto& [shape, gain, xi] : cases)
    for (const int latents : {1, 2, 3})
      for (const double tolerance : {1e-2, 1e-3, 1e-5}) {
        if (latents == 3 && (tolerance < 1e-3 || gain > 5.0)) continue;  // long
        const NonlinearGaussianField x = nlgp(shape, gain, xi);
        const Eigen::MatrixXd u = random_weights(1, x.torus().sites(), 1).transpose();
        const Field exact = covariance_times(x, u.col(0));
        const Eigen::MatrixXd found = average(x, u, latents, tolerance, neuron_one);
        BOOST_TEST((found.col(0) - exact).norm() <= 10.0 * tolerance * exact.norm(),
                   "gain " << gain << ", xi " << xi << ", r = " << latents << ", tolerance "
                           << tolerance << ": off by "
                           << (found.col(0) - exact).norm() / exact.norm());
      }
}

// On long rings neighbours remain correlated given any direction, and the series converges slowly:
// the error of its 24 terms, and that more terms reduce it.
BOOST_AUTO_TEST_CASE(the_number_of_terms_bounds_the_accuracy_on_long_rings) {
  struct Long {
    double gain, with_24, with_150;
  };
  for (const auto& [gain, with_24, with_150] : {Long{3.0, 5e-4, 3e-5}, {10.0, 1.2e-2, 2e-3}}) {
    const NonlinearGaussianField x = nlgp({100}, gain, 8.0);
    const Eigen::MatrixXd u = random_weights(1, 100, 1).transpose();
    const Field exact = covariance_times(x, u.col(0));
    const auto error = [&](int most_terms) {
      const Field found = average(x, u, 1, 1e-8, neuron_one, most_terms).col(0);
      return (found - exact).norm() / exact.norm();
    };
    BOOST_TEST(error(24) <= with_24, "gain " << gain << ": " << error(24));
    BOOST_TEST(error(150) <= with_150, "gain " << gain << ": " << error(150));
  }
}

// Also of a neuron with one weight, which says little about the series of the other one, and of one
// far smaller than the other.
BOOST_AUTO_TEST_CASE(neurons_of_any_size_and_width_have_their_covariances) {
  const NonlinearGaussianField x = nlgp({100}, 3.0, 8.0);
  for (const double size : {1.0, 1e-3, 1e-8}) {
    Eigen::MatrixXd u = random_weights(2, 100, 2).transpose();
    u.col(0).setZero();
    u(10, 0) = 1.0;
    u.col(1) *= size;
    const Eigen::MatrixXd found = average(x, u, 2, 1e-3, pre_activations);
    for (int o = 0; o < 2; ++o) {
      const Field exact = covariance_times(x, u.col(1 - o));
      const double off = (found.col(o) - exact).norm() / exact.norm();
      BOOST_TEST(off <= 4e-3, "size " << size << ", output " << o << ": " << off);
    }
  }
}

BOOST_AUTO_TEST_CASE(two_neurons_have_each_others_covariances) {
  for (const auto& [shape, gain, xi] : cases) {
    const NonlinearGaussianField x = nlgp(shape, gain, xi);
    const Eigen::MatrixXd u = random_weights(2, x.torus().sites(), 2).transpose();
    const Eigen::MatrixXd found = average(x, u, 2, 1e-4, pre_activations);
    for (int o = 0; o < 2; ++o) {
      const Field exact = covariance_times(x, u.col(1 - o));
      BOOST_TEST((found.col(o) - exact).norm() <= 5e-4 * exact.norm());
    }
  }
}

// As many directions as sites explain everything, and E[x lambda^3] = 3 Q C u + kappa[u, u, u]
// to the rule's tolerance.
BOOST_AUTO_TEST_CASE(fourth_moments_are_exact_when_all_is_told) {
  const NonlinearGaussianField x = nlgp({3}, 2.0, 1.0);
  const Eigen::MatrixXd u = random_weights(1, 3, 3).transpose();
  const Field Cu = covariance_times(x, u.col(0));
  FourierTransform fourier(x.torus());
  CumulantTable table(fourth_cumulant(x));
  Spectrum kappa(x.torus().half_modes());
  table.contract(fourier.forward(Field(u.col(0))), kappa);
  const Field exact = 3.0 * u.col(0).dot(Cu) * Cu + fourier.backward(kappa);
  const auto cube = [](int, double, const ConditionalGaussian& lambda) {
    const double M = lambda.mean[0], V = lambda.variance[0];
    return ConditionalSlopes{{M * M * M + 3.0 * M * V, 0.0}, {{{3.0 * (M * M + V), 0.0}, {}}}};
  };
  double before = infinity;
  for (const int latents : {1, 2, 3}) {
    const double error = (average(x, u, latents, 1e-3, cube).col(0) - exact).norm() / exact.norm();
    BOOST_TEST(error < before, latents << " directions: " << error);
    before = error;
  }
  BOOST_TEST(before < 1e-3);
}

BOOST_AUTO_TEST_CASE(weights_of_the_rule_sum_up_to_one) {
  for (const int latents : {1, 2, 3}) {
    std::array<double, LatentAverage::parts> sums{};
    average(nlgp({8}, 1.0, 2.0), random_weights(1, 8, 4).transpose(), latents, 1e-2,
            [&sums](int part, double weight, const ConditionalGaussian&) {
              sums[static_cast<std::size_t>(part)] += weight;
              return ConditionalSlopes{};
            });
    const double sum = std::accumulate(sums.begin(), sums.end(), 0.0);
    BOOST_TEST(std::abs(sum - 1.0) < 1e-12);
  }
}

// They have no weight, but 0 times what is not finite would come through.
BOOST_AUTO_TEST_CASE(unused_lanes_of_the_last_block_do_not_matter) {
  const Eigen::MatrixXd u = random_weights(1, 12, 7).transpose();
  for (const int latents : {1, 2, 3})
    for (const double tolerance : {5e-2, 1e-2}) {
      const NonlinearGaussianField x = nlgp({12}, 0.5, 2.0);
      LatentDirections directions(x.torus(), x.latent().covariance(),
                                  erf_correlation_factor(x.gain()), latents);
      Eigen::MatrixXd c(directions.modes(), latents), m(12, latents), out(12, 1);
      directions(u.col(0), c);
      directions.means(c, m);
      LatentAverage average(x.torus(), x.pointwise(), {1, latents, tolerance});
      average(u, m, neuron_one, out);
      BOOST_TEST(average.nodes() / 2 % lanes != 0);
      BOOST_TEST(out.allFinite(), latents << " directions");
    }
}

// Parts are added up in their order, whoever has done them.
BOOST_AUTO_TEST_CASE(results_do_not_depend_on_the_number_of_threads) {
  const NonlinearGaussianField x = nlgp({40}, 3.0, 4.0);
  const Eigen::MatrixXd u = random_weights(2, 40, 8).transpose();
  const auto on = [&](int threads) {
    const ThreadCount count(threads);
    return average(x, u, 3, 1e-2, pre_activations);
  };
  const Eigen::MatrixXd one = on(1);
  BOOST_TEST(one.allFinite());
  for (const int threads : {2, 3, 7}) BOOST_TEST((on(threads).array() == one.array()).all());
}

BOOST_AUTO_TEST_CASE(within_the_threads_of_others_the_result_is_the_same) {
  const NonlinearGaussianField x = nlgp({40}, 3.0, 4.0);
  const Eigen::MatrixXd u = random_weights(2, 40, 8).transpose();
  const ThreadCount count(2);
  const Eigen::MatrixXd outside = average(x, u, 3, 1e-2, pre_activations);
  std::array<Eigen::MatrixXd, 2> inside;
  parallel_for(inside.size(),
               [&](std::size_t k) { inside[k] = average(x, u, 3, 1e-2, pre_activations); });
  for (const Eigen::MatrixXd& found : inside) BOOST_TEST((found.array() == outside.array()).all());
}

BOOST_AUTO_TEST_CASE(zero_weights_average_to_nothing) {
  const Eigen::MatrixXd u = Eigen::MatrixXd::Zero(8, 1), m = Eigen::MatrixXd::Zero(8, 2);
  const NonlinearGaussianField x = nlgp({8}, 1.0, 2.0);
  LatentAverage average(x.torus(), x.pointwise(), {});
  Eigen::MatrixXd out(8, 1);
  average(u, m, pre_activations, out);
  BOOST_TEST(out.isZero(0.0));
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused) {
  const NonlinearGaussianField x = nlgp({8}, 1.0, 2.0);
  for (const LatentAverage::Options& options :
       {LatentAverage::Options{.neurons = 3}, LatentAverage::Options{.neurons = 0},
        LatentAverage::Options{.latents = 0}, LatentAverage::Options{.latents = 5},
        LatentAverage::Options{.tolerance = 0.0}, LatentAverage::Options{.tolerance = 0.5},
        LatentAverage::Options{.most_terms = 0}, LatentAverage::Options{.most_terms = 151}})
    BOOST_CHECK_THROW(LatentAverage(x.torus(), x.pointwise(), options), std::invalid_argument);
  PointwiseField gaussian = x.pointwise();
  gaussian.gain = 0.0;
  BOOST_CHECK_THROW(LatentAverage(x.torus(), gaussian, {}), std::invalid_argument);
  BOOST_CHECK_THROW(LatentAverage(Torus({9}), x.pointwise(), {}), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
