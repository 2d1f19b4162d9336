#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <boost/test/unit_test.hpp>

#include "popflow/input/autocorrelation.hpp"
#include "popflow/input/random_stream.hpp"

#include "statistics.hpp"

BOOST_AUTO_TEST_SUITE(autocorrelation)

using namespace popflow;

namespace {

// x_t = a x_{t-1} + sqrt(1 - a^2) w_t, w ~ N(0, 1), in equilibrium: rho(t) = a^t.
Eigen::VectorXd autoregressive(double a, int size, int index) {
  RandomStream stream(7, Purpose::evaluation, static_cast<std::uint64_t>(index));
  Eigen::VectorXd x(size);
  stream.fill_normal(x);
  for (int t = 1; t < size; ++t) x[t] = a * x[t - 1] + std::sqrt(1.0 - a * a) * x[t];
  return x;
}

double exact_time(double a) { return (1.0 + a) / (2.0 * (1.0 - a)); }

constexpr int series_length = 4000;

// Of many series: the estimated time, its distance from the exact one in standard errors, squared,
// and the squared mean of the series over its variance by the estimated time.
test::SampleMeans over_series(double a, int count) {
  test::SampleMeans means(3);
  for (int n = 0; n < count; ++n) {
    const Eigen::VectorXd x = autoregressive(a, series_length, n);
    const AutocorrelationTime tau = autocorrelation_time(x);
    const double variance = (x.array() - x.mean()).square().mean();
    means.add(Eigen::Array3d(tau.time, std::pow((tau.time - exact_time(a)) / tau.error, 2),
                             x.mean() * x.mean() * series_length / (variance * 2.0 * tau.time)));
  }
  return means;
}

}  // namespace

// The window leaves off a part exp(-W / decay) of the time, and weighs it against the error of one
// series: so much bias is allowed beside the error of the mean over all series. That the two other
// quantities are near 1 says that the stated errors are those that occur.
BOOST_AUTO_TEST_CASE(time_and_errors_of_autoregressive_series_are_as_stated) {
  for (const double a : {0.0, 0.3, 0.7, 0.9}) {
    const test::SampleMeans means = over_series(a, test::sample_count(400));
    const Eigen::ArrayXd mean = means.mean(), error = means.standard_error();
    const double allowed = test::allowed_standard_errors;
    BOOST_TEST(std::abs(mean[0] - exact_time(a)) < allowed * error[0] + 0.02 * exact_time(a),
               "a = " << a << ": " << mean[0] << " +- " << error[0]);
    BOOST_TEST(std::abs(mean[1] - 1.0) < allowed * error[1] + 0.2,
               "a = " << a << ": " << mean[1] << " +- " << error[1]);
    BOOST_TEST(std::abs(mean[2] - 1.0) < allowed * error[2] + 0.02,
               "a = " << a << ": " << mean[2] << " +- " << error[2]);
  }
}

// The mean of a short series follows its correlations and hides some: uncorrected, 5 % of the time.
BOOST_AUTO_TEST_CASE(time_of_short_series_is_not_too_small) {
  const double a = 0.7;
  test::SampleMeans time(1);
  for (int n = 0; n < test::sample_count(3000); ++n)
    time.add(Eigen::ArrayXd::Constant(1, autocorrelation_time(autoregressive(a, 400, n)).time));
  BOOST_TEST(std::abs(time.mean()[0] - exact_time(a)) <
                 test::allowed_standard_errors * time.standard_error()[0] + 0.01 * exact_time(a),
             time.mean()[0] << " +- " << time.standard_error()[0]);
}

BOOST_AUTO_TEST_CASE(time_does_not_depend_on_offset_and_scale) {
  const Eigen::VectorXd x = autoregressive(0.8, 1000, 0);
  const AutocorrelationTime tau = autocorrelation_time(x);
  const Eigen::VectorXd moved = 100.0 - 3.0 * x.array();
  const AutocorrelationTime again = autocorrelation_time(moved);
  BOOST_TEST(std::abs(again.time - tau.time) < 1e-10);
  BOOST_TEST(std::abs(again.error - tau.error) < 1e-10);
  BOOST_TEST(again.window == tau.window);
}

BOOST_AUTO_TEST_CASE(window_widens_with_the_time_and_stays_within_the_series) {
  BOOST_TEST(autocorrelation_time(autoregressive(0.0, 4000, 1)).window <= 3);
  const int window = autocorrelation_time(autoregressive(0.9, 4000, 1)).window;
  BOOST_TEST(window > 20);
  BOOST_TEST(window < 100);
  for (int size = 1; size < 8; ++size)
    BOOST_TEST(autocorrelation_time(autoregressive(0.99, size, 1)).window <= size / 2);
}

BOOST_AUTO_TEST_CASE(equal_values_count_as_independent) {
  for (const double value : {0.0, 0.1, -1e200})
    for (const int size : {1, 7, 1000})
      BOOST_TEST(autocorrelation_time(Eigen::VectorXd::Constant(size, value)).time == 0.5);
}

BOOST_AUTO_TEST_CASE(an_empty_series_is_refused) {
  BOOST_CHECK_THROW(autocorrelation_time(Eigen::VectorXd()), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
