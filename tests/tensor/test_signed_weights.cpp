#include <cmath>

#include <boost/test/unit_test.hpp>

#include "popflow/tensor/signed_weights.hpp"

#include "synthetic_tensors.hpp"

BOOST_AUTO_TEST_SUITE(signed_weights)

using namespace popflow;
using namespace popflow::test;

namespace {

Eigen::MatrixXd quartic_products(const Eigen::MatrixXd& X) {
  return (X.transpose() * X).array().square().square();
}

Eigen::VectorXd lambda(const SignedWeights& weights) {
  return weights.signs.array() * weights.scale.array().square().square();
}

}  // namespace

// Lengths of vectors differ by a factor 10, so that their products differ by 10^8. Tensors have any
// scale.
BOOST_AUTO_TEST_CASE(weights_of_a_known_tensor_are_found_at_any_scale) {
  for (double scale : {1e-20, 1.0, 1e20}) {
    const Eigen::VectorXd lengths =
        Eigen::VectorXd::LinSpaced(5, -0.5, 0.5).unaryExpr([](double e) {
          return std::pow(10.0, e);
        });
    const Eigen::MatrixXd X = random_directions(6, 5, 1) * lengths.asDiagonal();
    const Eigen::MatrixXd quartic = quartic_products(X);
    const Eigen::VectorXd exact = scale * random_lambda(5, 2, true);
    const SignedWeights found = optimal_weights(quartic, quartic * exact);
    BOOST_TEST((lambda(found) - exact).norm() < 1e-7 * exact.norm());
    BOOST_TEST((found.signs.array().abs() == 1.0).all());
  }
}

BOOST_AUTO_TEST_CASE(coinciding_vectors_share_a_finite_weight) {
  Eigen::MatrixXd X = random_directions(6, 3, 1);
  X.col(2) = X.col(0);
  const Eigen::MatrixXd quartic = quartic_products(X);
  const Eigen::VectorXd found =
      lambda(optimal_weights(quartic, quartic * Eigen::Vector3d(2.0, -1.0, 0.0)));
  BOOST_TEST(std::abs(found[0] + found[2] - 2.0) < 1e-3);
  BOOST_TEST(std::abs(found[1] + 1.0) < 1e-3);
}

// Opposite weights of two nearly equal vectors could follow any noise, since the products differ by
// 1e-14 only. The ridge of 1e-12 limits these weights to 1e12 times the noise.
BOOST_AUTO_TEST_CASE(noise_does_not_blow_up_the_weights_of_vectors_that_hardly_differ) {
  constexpr double noise = 1e-6;
  Eigen::MatrixXd X = random_directions(6, 2, 1);
  X.col(1) = (X.col(0) + 1e-7 * X.col(1)).normalized();
  const Eigen::Vector2d overlap(1.0 + noise, 1.0 - noise);
  const Eigen::VectorXd found = lambda(optimal_weights(quartic_products(X), overlap));
  BOOST_TEST(found.cwiseAbs().maxCoeff() < 1.1e12 * noise);
  BOOST_TEST(std::abs(found.sum() - 1.0) < 1e-3);
}

BOOST_AUTO_TEST_CASE(no_weight_vanishes) {
  for (double scale : {1e-20, 1.0}) {
    const SignedWeights found =
        optimal_weights(Eigen::Matrix2d::Identity(), Eigen::Vector2d(-scale, 0.0));
    BOOST_TEST(lambda(found)[1] > 0.0);
    BOOST_TEST(lambda(found)[1] < 1e-6 * scale);
  }
}

BOOST_AUTO_TEST_SUITE_END()
