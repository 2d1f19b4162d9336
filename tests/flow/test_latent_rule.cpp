#include <cmath>
#include <cstdint>
#include <numbers>

#include <Eigen/Core>
#include <boost/test/unit_test.hpp>

#include "popflow/flow/latent_rule.hpp"

#include "random_values.hpp"

BOOST_AUTO_TEST_SUITE(latent_rule)

using namespace popflow;
using namespace popflow::test;

namespace {

Eigen::MatrixXd slopes(int latents, int count, double size, std::uint64_t seed) {
  const Eigen::VectorXd numbers = random_values(Eigen::Index{latents} * count, seed);
  return size * Eigen::Map<const Eigen::MatrixXd>(numbers.data(), latents, count);
}

// The integral of an even function of s.
template <class F>
double average(const LatentRule& rule, int latents, const F& f) {
  double sum = 0.0;
  Eigen::VectorXd s(latents);
  for (int b = 0; b < rule.blocks(); ++b)
    for (int l = 0; l < lanes; ++l) {
      for (int r = 0; r < latents; ++r) s[r] = rule.block(b)[r * lanes + l];
      sum += 2.0 * rule.weights(b)[l] * f(s);
    }
  return sum;
}

}  // namespace

// E erf(a . s / sqrt 2) erf(b . s / sqrt 2) = 2/pi asin of the correlation (Eq. 8), with half of
// the squares of the slopes that the rule is for: the product of two.
BOOST_AUTO_TEST_CASE(products_of_two_erf_are_averaged_to_the_tolerance) {
  for (const int latents : {1, 2, 3, 4})
    for (const double size : {0.3, 1.0, 3.0})
      for (const double tolerance : {1e-2, 1e-3, 1e-5}) {
        if (latents == 4 && (tolerance < 1e-3 || size > 1.0)) continue;  // long
        const Eigen::MatrixXd a = slopes(latents, 8, size, 1);
        LatentRule rule(latents, 8, tolerance);
        rule.choose(std::sqrt(2.0) * a);
        for (int k = 1; k < 8; ++k) {
          const double found = average(rule, latents, [&](const Eigen::VectorXd& s) {
            return std::erf(a.col(0).dot(s) / std::sqrt(2.0)) *
                   std::erf(a.col(k).dot(s) / std::sqrt(2.0));
          });
          const double exact =
              2.0 / std::numbers::pi *
              std::asin(a.col(0).dot(a.col(k)) /
                        std::sqrt((1.0 + a.col(0).squaredNorm()) * (1.0 + a.col(k).squaredNorm())));
          BOOST_TEST(std::abs(found - exact) < tolerance,
                     latents << " dimensions, slopes " << size << ": " << found - exact);
        }
      }
}

// The latent directions' signs are accidental.
BOOST_AUTO_TEST_CASE(mirror_images_of_the_slopes_have_that_of_the_rule) {
  for (const int latents : {1, 2, 3, 4})
    for (int axis = 0; axis < latents; ++axis) {
      Eigen::MatrixXd a = slopes(latents, 6, 0.8, 2);
      const auto f = [&](const Eigen::VectorXd& s) { return std::tanh(std::abs(a.col(0).dot(s))); };
      LatentRule rule(latents, 6, 1e-2);
      rule.choose(a);
      const double before = average(rule, latents, f);
      a.row(axis) *= -1.0;
      rule.choose(a);
      BOOST_TEST(std::abs(average(rule, latents, f) - before) < 1e-12);
    }
}

// With slopes along one of three directions only, the rule needs few nodes.
BOOST_AUTO_TEST_CASE(directions_without_slopes_are_cheap) {
  Eigen::MatrixXd a = slopes(3, 20, 3.0, 3);
  LatentRule rule(3, 20, 1e-3);
  rule.choose(a);
  const int all = rule.nodes();
  a.bottomRows(2).setZero();
  rule.choose(a);
  BOOST_TEST(5 * rule.nodes() < all);
}

BOOST_AUTO_TEST_CASE(the_last_block_is_filled_up_with_nothing) {
  for (const int latents : {1, 2, 3}) {
    LatentRule rule(latents, 1, 1e-2);
    for (const double size : {5.0, 0.1}) {  // many nodes before few
      rule.choose(Eigen::MatrixXd::Constant(latents, 1, size));
      const int pairs = rule.nodes() / 2;
      BOOST_TEST(rule.blocks() == (pairs + lanes - 1) / lanes);
      for (int l = 0; l < lanes; ++l) {
        const bool filled = (rule.blocks() - 1) * lanes + l >= pairs;
        BOOST_TEST((rule.weights(rule.blocks() - 1)[l] == 0.0) == filled);
        for (int r = 0; filled && r < latents; ++r)
          BOOST_TEST(rule.block(rule.blocks() - 1)[r * lanes + l] == 0.0);
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
