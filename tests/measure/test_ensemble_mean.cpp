#include <cmath>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/input/random_stream.hpp"
#include "popflow/measure/ensemble_mean.hpp"

BOOST_AUTO_TEST_SUITE(ensemble_means)

using namespace popflow;

namespace {

Weights weights(std::initializer_list<double> entries) {
  Weights u(1, static_cast<Eigen::Index>(entries.size()));
  std::copy(entries.begin(), entries.end(), u.data());
  return u;
}

}  // namespace

BOOST_AUTO_TEST_CASE(mean_and_variance_are_those_of_hand) {
  const EnsembleMean found =
      ensemble_mean({weights({1.0, 0.0}), weights({3.0, 0.0}), weights({5.0, 3.0})});
  BOOST_TEST(found.mean(0, 0) == 3.0);
  BOOST_TEST(found.mean(0, 1) == 1.0);
  // Variances 4 and 3, over three runs.
  BOOST_TEST(found.variance.value() == 7.0 / 3.0, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(!ensemble_mean({weights({1.0})}).variance);
}

BOOST_AUTO_TEST_CASE(a_distance_is_taken_apart_into_error_and_noise) {
  const MeanDistance found = mean_distance({weights({0.0, 13.0}), 9.0}, {weights({0.0, 8.0}), 7.0});
  BOOST_TEST(found.distance == 5.0 / 8.0, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(found.standard_error == 4.0 / 8.0, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(found.error == 3.0 / 8.0, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(mean_distance({weights({9.0})}, {weights({8.0}), 7.0}).error == 0.0);
  BOOST_TEST(mean_distance({weights({0.0})}, {weights({0.0})}).distance == 0.0);
}

// Means of four runs of 50 weights with noise 0.1, at distance 0.2 from what they estimate. The
// mean of error^2 |b|^2 over 400 ensembles is 0.04; that of distance^2 |b|^2 is 0.04 + 50 * 0.01 /
// 4 = 0.165. One ensemble scatters by 0.035 (0.02 by the noise along the distance, 0.025 by the
// square of the noise, 0.014 by the estimate of that), the mean by 0.0018: beyond 0.007 for one
// seed in 10^4.
BOOST_AUTO_TEST_CASE(noise_is_no_error) {
  constexpr int sites = 50, runs = 4, ensembles = 400;
  const Weights truth = Weights::Constant(1, sites, 1.0);
  Weights closure = truth;
  closure(0, 0) += 0.2;
  RandomStream stream(1, Purpose::initial_weights, 0);
  double squares = 0.0;
  for (int e = 0; e < ensembles; ++e) {
    std::vector<Weights> ensemble;
    for (int r = 0; r < runs; ++r) {
      Eigen::VectorXd noise(sites);
      stream.fill_normal(noise);
      ensemble.push_back(truth + 0.1 * noise.transpose());
    }
    const EnsembleMean mean = ensemble_mean(ensemble);
    const MeanDistance found = mean_distance({closure}, mean);
    // error is cut off at 0, its square is not
    squares += (std::pow(found.distance, 2) - std::pow(found.standard_error, 2)) *
               mean.mean.squaredNorm() / ensembles;
  }
  BOOST_TEST(std::abs(squares - 0.04) < 0.007);
}

BOOST_AUTO_TEST_CASE(shapes_must_agree) {
  BOOST_CHECK_THROW(ensemble_mean({}), std::invalid_argument);
  BOOST_CHECK_THROW(ensemble_mean({weights({1.0}), weights({1.0, 2.0})}), std::invalid_argument);
  BOOST_CHECK_THROW(mean_distance({weights({1.0})}, {weights({1.0, 2.0})}), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
