#include <cmath>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/flow/latent_directions.hpp"
#include "popflow/moments/arcsine.hpp"

#include "random_weights.hpp"
#include "reference_inputs.hpp"

BOOST_AUTO_TEST_SUITE(latent_directions)

using namespace popflow;
using namespace popflow::test;

namespace {

constexpr double gain = 3.0;

LatentDirections directions_of(const NonlinearGaussianField& x, int most) {
  return {x.torus(), x.latent().covariance(), erf_correlation_factor(x.gain()), most};
}

Eigen::MatrixXd means_of(LatentDirections& directions, const Field& u, int count) {
  Eigen::MatrixXd c(directions.modes(), count), m(u.size(), count);
  directions(u, c);
  BOOST_TEST((c.transpose() * c - Eigen::MatrixXd::Identity(count, count)).norm() < 1e-12);
  directions.means(c, m);
  return m;
}

// The part of the variance of lambda that the directions explain (Eq. 86).
double explained(const NonlinearGaussianField& x, const Field& u, const Eigen::MatrixXd& m) {
  double explained = 0.0, all = 0.0;
  for (int i = 0; i < x.torus().sites(); ++i)
    for (int j = 0; j < x.torus().sites(); ++j) {
      explained += u[i] * u[j] * erf_two_point(gain, m.row(i).dot(m.row(j)));
      all += u[i] * u[j] * x.covariance()[x.torus().add(j, x.torus().negate(i))];
    }
  return explained / all;
}

}  // namespace

// From the best linear predictor, m = C u / sqrt(u . C u), three steps of (Eq. 88) over sites, with
// every mode kept: m <- C W m, to the length that makes its direction a unit vector.
BOOST_AUTO_TEST_CASE(one_direction_is_three_steps_from_the_linear_predictor) {
  const NonlinearGaussianField x = nlgp({12}, gain, 1.0);
  const Field covariance = x.latent().covariance(), u = random_weights(1, 12, 4).transpose();
  const double rho = erf_correlation_factor(gain);
  Eigen::MatrixXd C(12, 12), W(12, 12);
  for (int i = 0; i < 12; ++i)
    for (int j = 0; j < 12; ++j) C(i, j) = covariance[(j - i + 12) % 12];
  Eigen::VectorXd m = C * u / std::sqrt(u.dot(C * u));
  for (int step = 0; step < 3; ++step) {
    for (int j = 0; j < 12; ++j)
      for (int k = 0; k < 12; ++k) W(j, k) = u[j] * u[k] / (1.0 - std::pow(rho * m[j] * m[k], 2));
    const Eigen::VectorXd ascent = W * m;
    m = C * ascent / std::sqrt(ascent.dot(C * ascent));
  }
  LatentDirections directions = directions_of(x, 1);
  BOOST_REQUIRE(directions.modes() == 12);
  BOOST_TEST((means_of(directions, u, 1).col(0) - m).norm() < 1e-12);
}

// m is a covariance of z with independent standard numbers: C - m m^T has no negative eigenvalue.
BOOST_AUTO_TEST_CASE(what_is_left_is_a_covariance) {
  for (const auto& shape : std::vector<std::vector<int>>{{20}, {4, 5}}) {
    const NonlinearGaussianField x = nlgp(shape, gain, 3.0);
    LatentDirections directions = directions_of(x, 3);
    const Eigen::MatrixXd m = means_of(directions, random_weights(1, 20, 1).transpose(), 3);
    Eigen::MatrixXd rest(20, 20);
    for (int i = 0; i < 20; ++i)
      for (int j = 0; j < 20; ++j)
        rest(i, j) =
            x.latent().covariance()[x.torus().add(j, x.torus().negate(i))] - m.row(i).dot(m.row(j));
    BOOST_TEST(Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(rest).eigenvalues()[0] > -1e-12);
  }
}

// One direction explains at least as much of lambda as u . z does, and each further one more: for
// random weights and for a bump.
BOOST_AUTO_TEST_CASE(more_directions_tell_more) {
  const NonlinearGaussianField x = nlgp({40}, gain, 4.0);
  Field bump(40);
  for (int i = 0; i < 40; ++i) bump[i] = std::exp(-0.1 * (i - 17.3) * (i - 17.3));
  for (const Field& u : {Field(random_weights(1, 40, 2).transpose()), bump}) {
    FourierTransform fourier(x.torus());
    const Spectrum filtered = fourier.forward(u).array() * x.latent().spectrum().array();
    const Field Cu = fourier.backward(filtered);
    double before = explained(x, u, Cu / std::sqrt(u.dot(Cu)));
    for (const int count : {1, 2, 3, 4}) {
      LatentDirections directions = directions_of(x, count);
      const double now = explained(x, u, means_of(directions, u, count));
      BOOST_TEST(now > before - 1e-3, count << " directions: " << now << " after " << before);
      BOOST_TEST(now <= 1.0);
      before = now;
    }
    BOOST_TEST(before > 0.9);
  }
}

// Two directions explain nearly all of lambda for a bump on a smooth field.
BOOST_AUTO_TEST_CASE(two_directions_suffice_for_a_bump) {
  const NonlinearGaussianField x = nlgp({40}, gain, 8.0);
  Field bump(40);
  for (int i = 0; i < 40; ++i) bump[i] = std::exp(-0.05 * (i - 20) * (i - 20));
  LatentDirections directions = directions_of(x, 2);
  BOOST_TEST(explained(x, bump, means_of(directions, bump, 2)) > 0.98);
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_refused) {
  const NonlinearGaussianField x = nlgp({8}, gain, 2.0);
  BOOST_CHECK_THROW(directions_of(x, 0), std::invalid_argument);
  BOOST_CHECK_THROW(directions_of(x, 9), std::invalid_argument);
  BOOST_CHECK_THROW(LatentDirections(x.torus(), 2.0 * x.latent().covariance(), 0.9, 1),
                    std::invalid_argument);
  BOOST_CHECK_THROW(LatentDirections(Torus({9}), x.latent().covariance(), 0.9, 1),
                    std::invalid_argument);
  LatentDirections directions = directions_of(x, 2);
  const int modes = directions.modes();
  for (Eigen::MatrixXd c :
       {Eigen::MatrixXd(modes, 0), Eigen::MatrixXd(modes, 3), Eigen::MatrixXd(modes - 1, 1)})
    BOOST_CHECK_THROW(directions(Field::Ones(8), c), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
