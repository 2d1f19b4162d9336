#include <cmath>
#include <limits>
#include <stdexcept>

#include <boost/test/unit_test.hpp>

#include "popflow/tensor/factors.hpp"

#include "factor_distance.hpp"
#include "naive_quartic.hpp"
#include "synthetic_tensors.hpp"

BOOST_AUTO_TEST_SUITE(factors)

using namespace popflow;
using namespace popflow::test;

namespace {

// Sums of at most 5^4 terms of order one.
constexpr double rounding = 1e-12;

// Vectors of any length and sign.
Factors some_factors(int dimension, int rank, std::uint64_t seed) {
  const Eigen::VectorXd lengths = 2.0 * random_values(rank, seed + 1);
  return {random_lambda(rank, seed, true),
          random_directions(dimension, rank, seed) * lengths.asDiagonal()};
}

}  // namespace

BOOST_AUTO_TEST_CASE(normalised_factors_are_the_same_tensor) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Factors before = some_factors(4, 6, seed), after = normalised(before);
    BOOST_TEST(naive_distance(naive_quartic(before), naive_quartic(after)) < rounding);
    for (Eigen::Index r = 0; r < after.rank(); ++r) {
      BOOST_TEST(std::abs(after.vectors.col(r).norm() - 1.0) < rounding);
      BOOST_TEST(after.vectors.col(r).maxCoeff() == after.vectors.col(r).cwiseAbs().maxCoeff());
      if (r > 0) BOOST_TEST(std::abs(after.lambda[r]) <= std::abs(after.lambda[r - 1]));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_vector_of_zeros_keeps_no_weight) {
  Factors factors = some_factors(4, 3, 1);
  factors.vectors.col(1).setZero();
  const Factors after = normalised(factors);
  BOOST_TEST(after.lambda[2] == 0.0);
  BOOST_TEST(after.vectors.col(2).norm() == 0.0);
  BOOST_TEST(after.vectors.allFinite());
}

BOOST_AUTO_TEST_CASE(inner_products_are_sums_over_all_entries) {
  const Factors a = some_factors(5, 3, 2), b = some_factors(5, 4, 3);
  BOOST_TEST(std::abs(inner_product(a, b) -
                      naive_inner_product(naive_quartic(a), naive_quartic(b))) < rounding);
}

BOOST_AUTO_TEST_CASE(as_many_weights_as_vectors) {
  const Factors good = some_factors(4, 3, 1), bad{Eigen::VectorXd::Ones(2), good.vectors};
  BOOST_CHECK_THROW(normalised(bad), std::invalid_argument);
  BOOST_CHECK_THROW(inner_product(good, bad), std::invalid_argument);
  BOOST_CHECK_THROW(inner_product(bad, good), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(the_distance_is_that_of_the_farthest_pair_up_to_sign_and_order) {
  const Factors a = normalised(some_factors(6, 4, 4));
  Factors b{a.lambda.reverse(), a.vectors.rowwise().reverse()};
  b.vectors.col(2) *= -1.0;
  BOOST_TEST(factor_distance(a, b) < rounding);
  // One vector is turned by an angle; the distance is the chord of this angle.
  const double angle = 0.1;
  const Eigen::VectorXd x = b.vectors.col(2);
  const Eigen::VectorXd y = random_directions(6, 1, 9).col(0), across = (y - y.dot(x) * x);
  b.vectors.col(2) = std::cos(angle) * x + std::sin(angle) * across.normalized();
  BOOST_TEST(std::abs(factor_distance(a, b) - 2.0 * std::sin(angle / 2.0)) < rounding);
}

BOOST_AUTO_TEST_CASE(two_with_one_partner_are_infinitely_far) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  const Factors a = normalised(some_factors(6, 4, 4));
  Factors b = a;
  b.vectors.col(1) = b.vectors.col(0);
  BOOST_TEST(factor_distance(b, a) == infinite);
  BOOST_TEST(factor_distance(a, some_factors(6, 3, 4)) == infinite);
  BOOST_TEST(factor_distance(a, some_factors(5, 4, 4)) == infinite);
}

BOOST_AUTO_TEST_SUITE_END()
