#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <stdexcept>

#include <boost/test/unit_test.hpp>

#include "popflow/measure/kurtosis.hpp"
#include "popflow/moments/band_limited_cumulant.hpp"
#include "popflow/moments/cumulant_table.hpp"
#include "popflow/moments/zero_cumulant.hpp"

#include "random_weights.hpp"
#include "reference_inputs.hpp"
#include "statistics.hpp"
#include "thread_count.hpp"

BOOST_AUTO_TEST_SUITE(kurtosis)

using namespace popflow;
using namespace popflow::test;
using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::VectorXd;

namespace {

// Sums of a few thousand terms of order one, to rounding.
constexpr double rounding = 1e-12;

// One site, a bump, a difference of neighbours, and a random field.
Weights varied_weights(int sites) {
  Weights u = Weights::Zero(4, sites);
  u(0, 3) = 1.0;
  for (int i = 0; i < sites; ++i) u(1, i) = std::exp(-std::pow(std::remainder(i - 5, sites), 2));
  u(2, 1) = 1.0, u(2, 2) = -1.0;
  u.row(3) = random_weights(1, sites, 1);
  return u;
}

// Excess kurtosis of erf(g z / sqrt 2), by the trapezoidal rule, whose error on analytic functions
// of this decay is below rounding.
double one_site_kurtosis(double gain) {
  double second = 0.0, fourth = 0.0, mass = 0.0;
  for (double z = -9.0; z < 9.0; z += 0.001) {
    const double weight = std::exp(-z * z / 2.0);
    const double square = std::pow(std::erf(gain * z / std::numbers::sqrt2), 2);
    mass += weight;
    second += weight * square;
    fourth += weight * square * square;
  }
  return fourth * mass / (second * second) - 3.0;
}

void check_estimate(const KurtosisEstimator& estimate, const VectorXd& exact) {
  const VectorXd value = estimate.excess_kurtosis(), error = estimate.standard_error();
  for (Index k = 0; k < exact.size(); ++k)
    BOOST_TEST(std::abs(value[k] - exact[k]) <= allowed_standard_errors * error[k],
               "neuron " << k << ": " << value[k] << " +- " << error[k] << ", exact " << exact[k]);
}

VectorXd normals(Index count, std::uint64_t index) {
  VectorXd z(count);
  RandomStream(2, Purpose::evaluation, index).fill_normal(z);
  return z;
}

// Spread of the estimate over many sets of P samples of draw(z), z ~ N(0, 1), over the mean of its
// standard errors.
template <class Draw>
double spread_over_error(Index P, int sets, const Draw& draw) {
  SampleMeans estimate(1);
  double error = 0.0;
  for (int set = 0; set < sets; ++set) {
    KurtosisEstimator estimator(1);
    for (double z : normals(P, static_cast<std::uint64_t>(set)))
      estimator.add(VectorXd::Constant(1, draw(z)));
    estimate.add(estimator.excess_kurtosis());
    error += estimator.standard_error()[0] / sets;
  }
  return estimate.standard_error()[0] * std::sqrt(sets) / error;
}

}  // namespace

BOOST_AUTO_TEST_CASE(one_site_has_the_kurtosis_of_its_marginal) {
  const Weights u = Weights::Identity(1, 12);
  for (const auto& [gain, stated] :
       {std::pair{0.5, -0.622}, {1.0, -1.200}, {3.0, -1.757}, {10.0, -1.934}}) {
    const NonlinearGaussianField input = nlgp({12}, gain, 1.5);
    CumulantOperator kappa = CumulantTable(fourth_cumulant(input));
    const double exact = preactivation_kurtosis(input, kappa, u)[0];
    BOOST_TEST(std::abs(exact - one_site_kurtosis(gain)) < 1e-10);
    BOOST_TEST(std::abs(exact - stated) <= 5e-4);
  }
}

// The naive sum over the table, and the covariance site by site.
BOOST_AUTO_TEST_CASE(the_closed_form_is_the_naive_sum) {
  const NonlinearGaussianField input = nlgp({3, 4}, 2.0, 1.2);
  const Torus& torus = input.torus();
  const CumulantTable table(fourth_cumulant(input));
  CumulantOperator kappa = table;
  const Weights u = varied_weights(12);
  const VectorXd found = preactivation_kurtosis(input, kappa, u);
  for (int k = 0; k < 4; ++k) {
    double Q = 0.0, fourth = 0.0;
    for (int i = 0; i < 12; ++i)
      for (int a = 0; a < 12; ++a) {
        const double pair = u(k, i) * u(k, torus.add(i, a));
        Q += input.covariance()[a] * pair;
        for (int b = 0; b < 12; ++b)
          for (int c = 0; c < 12; ++c)
            fourth += table(a, b, c) * pair * u(k, torus.add(i, b)) * u(k, torus.add(i, c));
      }
    BOOST_TEST(std::abs(found[k] - fourth / (Q * Q)) < rounding);
  }
}

BOOST_AUTO_TEST_CASE(closed_form_and_samples_agree) {
  for (const std::vector<int>& shape : {std::vector{16}, {4, 5}}) {
    const NonlinearGaussianField input = nlgp(shape, 3.0, 2.0);
    CumulantOperator kappa = BandLimitedCumulant(CumulantTable(fourth_cumulant(input)));
    const Weights u = varied_weights(input.torus().sites());
    const KurtosisEstimator estimate =
        preactivation_kurtosis(input, u, {.samples = sample_count(200000), .seed = 3});
    check_estimate(estimate, preactivation_kurtosis(input, kappa, u));
    BOOST_TEST(estimate.samples() == sample_count(200000));
    // Both agree, on values that are neither zero nor vague.
    BOOST_TEST((estimate.excess_kurtosis().array().abs() >
                allowed_standard_errors * estimate.standard_error().array())
                   .all());
  }
}

BOOST_AUTO_TEST_CASE(gaussian_inputs_have_none) {
  const GaussianField input = gaussian_clone(nlgp({16}, 3.0, 2.0));
  const Weights u = varied_weights(16);
  CumulantOperator zero = ZeroCumulant(input.torus());
  CumulantOperator table = CumulantTable(fourth_cumulant(input));
  BOOST_TEST((preactivation_kurtosis(input, zero, u).array() == 0.0).all());
  BOOST_TEST(preactivation_kurtosis(input, table, u).cwiseAbs().maxCoeff() < 1e-10);
  const Index samples = sample_count(100000);
  const KurtosisEstimator estimate =
      preactivation_kurtosis(input, u, {.samples = samples, .seed = 4});
  check_estimate(estimate, VectorXd::Zero(4));
  // The relative standard error of this one is of the order of sqrt(1000 / P).
  const VectorXd error = estimate.standard_error() * std::sqrt(samples / 24.0);
  BOOST_TEST((error.array() - 1.0).abs().maxCoeff() < 4.0 * std::sqrt(1000.0 / samples));
}

BOOST_AUTO_TEST_CASE(scale_sign_and_place_do_not_matter) {
  const NonlinearGaussianField input = nlgp({3, 5}, 3.0, 1.5);
  const Torus& torus = input.torus();
  CumulantOperator kappa = CumulantTable(fourth_cumulant(input));
  const Weights u = varied_weights(15);
  Weights moved = u;
  for (int k = 0; k < 4; ++k) moved.row(k) = shifted(torus, u.row(k), 4 + k);
  const VectorXd exact = preactivation_kurtosis(input, kappa, u);
  BOOST_TEST((preactivation_kurtosis(input, kappa, moved) - exact).norm() < rounding);
  for (double scale : {-0.3, 1e-120, 1e120})
    BOOST_TEST((preactivation_kurtosis(input, kappa, scale * u) - exact).norm() < rounding);

  const KurtosisSampling sampling{.samples = 2000, .seed = 5};
  const KurtosisEstimator plain = preactivation_kurtosis(input, u, sampling);
  for (double scale : {-0.3, 1e-120, 1e120}) {
    const KurtosisEstimator scaled = preactivation_kurtosis(input, scale * u, sampling);
    BOOST_TEST((scaled.excess_kurtosis() - plain.excess_kurtosis()).norm() < rounding);
    BOOST_TEST((scaled.standard_error() - plain.standard_error()).norm() < rounding);
  }
}

// lambda = 1, -1, 3, -3: m2 = 5 and m4 = 41; lambda^4 - 2 (m4 / m2) lambda^2 is -15.4 and -66.6.
BOOST_AUTO_TEST_CASE(four_samples_by_hand) {
  KurtosisEstimator estimator(2);
  for (double lambda : {1.0, -1.0, 3.0, -3.0}) estimator.add(Eigen::Vector2d(lambda, 2.0));
  BOOST_TEST(std::abs(estimator.excess_kurtosis()[0] - (41.0 / 25.0 - 3.0)) < rounding);
  BOOST_TEST(std::abs(estimator.standard_error()[0] - 25.6 / std::sqrt(3.0) / 25.0) < rounding);
  BOOST_TEST(estimator.excess_kurtosis()[1] == -2.0);
  BOOST_TEST(estimator.standard_error()[1] == 0.0);
}

// The spread of 4000 sets is known to sqrt((k - 1) / 16000), with k = 3 to 4 the normalised fourth
// moment of the estimate: 1.4 %, times 4. The expansion in 1/P adds as much for erf, whose moments
// are bounded, and more for Gaussian values, for which P is larger.
BOOST_AUTO_TEST_CASE(standard_errors_are_the_spread_of_the_estimate) {
  const int sets = sample_count(4000);
  const double statistical = allowed_standard_errors * std::sqrt(3.0 / (4.0 * sets));
  const double of_erf = spread_over_error(500, sets, [](double z) { return std::erf(2.0 * z); });
  BOOST_TEST(std::abs(of_erf - 1.0) < statistical + 0.01);
  const double of_gaussian = spread_over_error(4000, sets, [](double z) { return 3.0 * z; });
  BOOST_TEST(std::abs(of_gaussian - 1.0) < statistical + 0.02);
}

// E m4 / m2^2 = 3 P / (P + 2): the direction of a Gaussian vector is independent of its length.
BOOST_AUTO_TEST_CASE(the_bias_is_the_documented_one) {
  SampleMeans means(1);
  for (int set = 0; set < sample_count(40000); ++set) {
    KurtosisEstimator estimator(1);
    for (double z : normals(10, static_cast<std::uint64_t>(set)))
      estimator.add(VectorXd::Constant(1, z));
    means.add(estimator.excess_kurtosis());
  }
  check_means(means, ArrayXd::Constant(1, -6.0 / 12.0));
}

BOOST_AUTO_TEST_CASE(merged_estimators_are_one_pass) {
  KurtosisEstimator whole(3), parts(3), first(3), second(3);
  for (std::uint64_t n = 0; n < 500; ++n) {
    const VectorXd lambda = normals(3, n);
    whole.add(lambda);
    (n < 123 ? first : second).add(lambda);
  }
  for (const KurtosisEstimator& part : {first, KurtosisEstimator(3), second}) parts.merge(part);
  BOOST_TEST(parts.samples() == 500);
  BOOST_TEST((parts.excess_kurtosis() - whole.excess_kurtosis()).norm() < rounding);
  BOOST_TEST((parts.standard_error() - whole.standard_error()).norm() < rounding);
}

BOOST_AUTO_TEST_CASE(the_samples_are_those_of_the_documented_key_on_any_number_of_threads) {
  NonlinearGaussianField input = nlgp({8}, 3.0, 1.5);
  const Weights u = varied_weights(8);
  KurtosisEstimator expected(4);
  for (std::uint64_t n = 0; n < 2500; ++n) {
    std::array<std::uint64_t, lanes> numbers;
    numbers.fill(n);
    LaneFields<double> x(8, lanes);
    input.sample_lanes({6, Purpose::evaluation, 7}, numbers, LaneView<double>(x));
    expected.add(u * x.col(0));
  }
  const auto on_threads = [&](int threads) {
    const ThreadCount count(threads);
    return preactivation_kurtosis(input, u, {.samples = 2500, .seed = 6, .run = 7});
  };
  const KurtosisEstimator one = on_threads(1), three = on_threads(3);
  BOOST_TEST((one.excess_kurtosis() - expected.excess_kurtosis()).norm() < rounding);
  BOOST_TEST((one.excess_kurtosis() == three.excess_kurtosis()));
  BOOST_TEST((one.standard_error() == three.standard_error()));
}

// 256 blocks of 1024 samples are kept at a time. Sums of 263000 numbers, to rounding.
BOOST_AUTO_TEST_CASE(samples_beyond_the_blocks_that_are_kept_at_a_time_count) {
  constexpr Index many = 263'000;
  NonlinearGaussianField input = nlgp({4}, 3.0, 1.5);
  const Weights u = Weights::Identity(1, 4);
  KurtosisEstimator expected(1);
  std::array<std::uint64_t, lanes> numbers;
  LaneFields<double> x(4, lanes);
  for (Index first = 0; first < many; first += lanes) {
    std::iota(numbers.begin(), numbers.end(), static_cast<std::uint64_t>(first));
    input.sample_lanes({6, Purpose::evaluation, 7}, numbers, LaneView<double>(x));
    for (Index l = 0; l < std::min<Index>(lanes, many - first); ++l) expected.add(u * x.col(l));
  }
  const KurtosisEstimator found =
      preactivation_kurtosis(input, u, {.samples = many, .seed = 6, .run = 7});
  BOOST_TEST(found.samples() == many);
  BOOST_TEST((found.excess_kurtosis() - expected.excess_kurtosis()).norm() < 1e-10);
}

BOOST_AUTO_TEST_CASE(no_weights_or_too_few_samples_give_no_number) {
  const NonlinearGaussianField input = nlgp({8}, 3.0, 1.5);
  CumulantOperator kappa = CumulantTable(fourth_cumulant(input));
  const Weights zero = Weights::Zero(2, 8);
  BOOST_TEST(preactivation_kurtosis(input, kappa, zero).array().isNaN().all());
  BOOST_TEST(preactivation_kurtosis(input, kappa, Weights(0, 8)).size() == 0);
  const KurtosisEstimator of_zero = preactivation_kurtosis(input, zero, {.samples = 10});
  BOOST_TEST(of_zero.excess_kurtosis().array().isNaN().all());
  BOOST_TEST(of_zero.standard_error().array().isNaN().all());
  KurtosisEstimator estimator(1);
  BOOST_TEST(std::isnan(estimator.excess_kurtosis()[0]));
  BOOST_TEST(std::isnan(estimator.standard_error()[0]));
  estimator.add(VectorXd::Constant(1, 0.7));
  BOOST_TEST(std::isnan(estimator.standard_error()[0]));
}

BOOST_AUTO_TEST_CASE(shapes_that_do_not_fit_are_refused) {
  const NonlinearGaussianField input = nlgp({8}, 3.0, 1.5);
  CumulantOperator kappa = ZeroCumulant(Torus({8})), other = ZeroCumulant(Torus({2, 4}));
  BOOST_CHECK_THROW(preactivation_kurtosis(input, kappa, Weights(1, 9)), std::invalid_argument);
  BOOST_CHECK_THROW(preactivation_kurtosis(input, other, Weights(1, 8)), std::invalid_argument);
  BOOST_CHECK_THROW(preactivation_kurtosis(input, Weights(1, 9), {}), std::invalid_argument);
  BOOST_CHECK_THROW(preactivation_kurtosis(input, Weights(0, 8), {}), std::invalid_argument);
  BOOST_CHECK_THROW(preactivation_kurtosis(input, Weights::Ones(1, 8), {.samples = 1}),
                    std::invalid_argument);
  BOOST_CHECK_THROW(KurtosisEstimator(0), std::invalid_argument);
  KurtosisEstimator estimator(2);
  BOOST_CHECK_THROW(estimator.add(VectorXd::Ones(3)), std::invalid_argument);
  BOOST_CHECK_THROW(estimator.merge(KurtosisEstimator(1)), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
