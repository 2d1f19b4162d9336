#include <cmath>
#include <stdexcept>

#include <boost/test/unit_test.hpp>

#include "popflow/input/copula_field.hpp"
#include "popflow/input/correlation.hpp"
#include "popflow/input/input.hpp"

#include "reference_inputs.hpp"
#include "sampled_moments.hpp"

BOOST_AUTO_TEST_SUITE(copula_field)

using namespace popflow;

namespace {

CopulaField copula(const std::vector<int>& shape, const Marginal& marginal, double xi = 3.0) {
  const Torus torus(shape);
  return {{torus, gaussian_correlation(torus, xi)}, marginal};
}

}  // namespace

// 20 comparisons differ on a ring, 24 on a torus, each off by chance with probability 6.3e-5 at
// another seed: 0.7 % for all of them.
BOOST_AUTO_TEST_CASE(samples_have_the_stated_moments) {
  using enum MarginalFamily;
  std::uint64_t seed = 1;
  for (const Marginal& marginal :
       {Marginal{laplace}, Marginal{beta, 0.5}, Marginal{student_t, 9.0}, Marginal{uniform}})
    test::SampledMoments(copula({24}, marginal), test::ring_triples())
        .check(test::sample_count(50'000), seed++);
  test::SampledMoments(copula({5, 6}, {generalised_normal, 4.0}, 1.5), test::torus_triples())
      .check(test::sample_count(50'000), seed);
}

BOOST_AUTO_TEST_CASE(lanes_have_the_stated_moments) {
  const CopulaField field = copula({24}, {MarginalFamily::laplace});
  test::SampledMoments(field, test::ring_triples())
      .check_lanes<double>(test::sample_count(16'000), 1);
  test::SampledMoments(field, test::ring_triples())
      .check_lanes<float>(test::sample_count(16'000), 2);
}

BOOST_AUTO_TEST_CASE(the_uniform_marginal_is_the_erf_field_of_gain_one) {
  const CopulaField field = copula({24}, {MarginalFamily::uniform});
  const NonlinearGaussianField erf = test::nlgp({24}, 1.0, 3.0);
  BOOST_TEST((field.covariance() - erf.covariance()).cwiseAbs().maxCoeff() < 1e-10);
  for (const auto& [a, b, c] : test::ring_triples())
    BOOST_TEST(std::abs(field.four_point(a, b, c) - erf.four_point(a, b, c)) < 1e-7);
  const PointwiseField pointwise = Input(field).pointwise().value();
  const OddTable psi([](double z) { return from_normal({MarginalFamily::uniform}, z); });
  // The fourth derivative is at most 1.9. The table then errs by 1e-11.
  for (double z = -5.0; z < 5.0; z += 0.1) BOOST_TEST(std::abs(pointwise(z) - psi(z)) < 2e-11);
  BOOST_TEST(!Input(copula({24}, {MarginalFamily::laplace})).pointwise().has_value());
}

BOOST_AUTO_TEST_CASE(the_variance_is_one) {
  const CopulaField field = copula({24}, {MarginalFamily::student_t, 4.1});
  BOOST_TEST(std::abs(field.covariance()[0] - 1.0) < 1e-14);
  BOOST_TEST(field.spectrum().minCoeff() >= 0.0);
}

BOOST_AUTO_TEST_CASE(what_is_not_a_copula_is_refused) {
  const Torus ring({8});
  const GaussianField latent(ring, 2.0 * gaussian_correlation(ring, 2.0));
  BOOST_CHECK_THROW(CopulaField(latent, {MarginalFamily::uniform}), std::invalid_argument);
  BOOST_CHECK_THROW(copula({8}, {MarginalFamily::beta, 0.1}), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
