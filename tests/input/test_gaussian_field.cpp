#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/input/correlation.hpp"
#include "popflow/input/gaussian_field.hpp"
#include "popflow/input/input.hpp"

#include "reference_inputs.hpp"
#include "sampled_moments.hpp"

BOOST_AUTO_TEST_SUITE(gaussian_field)

using namespace popflow;
using test::nlgp;

namespace {

GaussianField smooth_field(const std::vector<int>& shape, double xi) {
  const Torus torus(shape);
  return {torus, gaussian_correlation(torus, xi)};
}

// cos(2 pi m r / L): all its spectral mass is in modes +-m.
Field cosine(int extent, int m) {
  return Field::NullaryExpr(extent, [=](Eigen::Index r) {
    return std::cos(2.0 * std::numbers::pi * m * static_cast<double>(r) / extent);
  });
}

}  // namespace

// 32 comparisons, of which 20 differ (opposite displacements agree), each off by chance with
// probability 6.3e-5 at another seed: 0.1 % together.
BOOST_AUTO_TEST_CASE(samples_on_a_ring_have_the_stated_moments) {
  test::SampledMoments(smooth_field({24}, 3.0), test::ring_triples())
      .check(test::sample_count(100'000), 1);
}

// 38 comparisons, of which 24 differ: 0.2 % together.
BOOST_AUTO_TEST_CASE(samples_on_a_torus_have_the_stated_moments) {
  test::SampledMoments(smooth_field({5, 6}, 1.5), test::torus_triples())
      .check(test::sample_count(100'000), 2);
}

// A covariance with negative entries, a variance other than 1, and modes without power.
BOOST_AUTO_TEST_CASE(samples_of_any_covariance_have_the_stated_moments) {
  const Field covariance = 1.5 * cosine(24, 2) + 0.5 * cosine(24, 5);
  test::SampledMoments(GaussianField(Torus({24}), covariance), test::ring_triples())
      .check(test::sample_count(50'000), 3);
}

BOOST_AUTO_TEST_CASE(four_point_function_is_the_sum_over_pairings) {
  const GaussianField field = smooth_field({3, 4}, 1.3);
  const Torus& torus = field.torus();
  const auto between = [&](int i, int j) {
    return field.covariance()[torus.add(j, torus.negate(i))];
  };
  for (int a = 0; a < 12; ++a)
    for (int b = 0; b < 12; ++b)
      for (int c = 0; c < 12; ++c)
        BOOST_TEST(std::abs(field.four_point(a, b, c) - between(0, a) * between(b, c) -
                            between(0, b) * between(a, c) - between(0, c) * between(a, b)) < 1e-15);
}

BOOST_AUTO_TEST_CASE(spectrum_is_that_of_the_covariance_without_negative_rounding) {
  const GaussianField field = smooth_field({100}, 8.0);
  const Field spectrum = covariance_spectrum(field.torus(), field.covariance());
  BOOST_TEST(spectrum.minCoeff() < 0.0);
  BOOST_CHECK(field.spectrum() == spectrum.cwiseMax(0.0));
}

BOOST_AUTO_TEST_CASE(a_clone_has_the_covariance_of_its_original_and_is_gaussian) {
  for (const NonlinearGaussianField& field : {nlgp({12}, 3.0, 2.0), nlgp({3, 4}, 1.0, 1.0)}) {
    const Input clone = gaussian_clone(field), clone_of_input = gaussian_clone(Input(field));
    BOOST_CHECK(clone.covariance() == field.covariance());
    BOOST_CHECK(clone.spectrum() == field.spectrum());
    BOOST_CHECK(clone_of_input.covariance() == field.covariance());
    BOOST_CHECK(clone.torus() == field.torus());
    BOOST_TEST(clone.is_gaussian());
    BOOST_TEST(!Input(field).is_gaussian());
  }
}

BOOST_AUTO_TEST_CASE(a_covariance_of_the_wrong_size_is_refused) {
  BOOST_CHECK_THROW(GaussianField(Torus({8}), cosine(7, 1)), std::invalid_argument);
  BOOST_CHECK_THROW(GaussianField(Torus({8}), Field()), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_covariance_that_is_not_even_is_refused) {
  Field covariance = cosine(8, 1);
  covariance[1] += 1e-9;
  BOOST_CHECK_THROW(GaussianField(Torus({8}), covariance), std::invalid_argument);
  covariance[7] += 1e-9;
  BOOST_CHECK_NO_THROW(GaussianField(Torus({8}), Field(covariance + Field::Unit(8, 0))));
}

BOOST_AUTO_TEST_CASE(a_negative_spectrum_is_refused) {
  BOOST_CHECK_NO_THROW(GaussianField(Torus({8}), cosine(8, 1)));
  BOOST_CHECK_NO_THROW(GaussianField(Torus({8}), cosine(8, 1) - 1e-10 * cosine(8, 2)));
  BOOST_CHECK_THROW(GaussianField(Torus({8}), cosine(8, 1) - 1e-8 * cosine(8, 2)),
                    std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_covariance_must_be_finite_and_its_variance_positive) {
  for (double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    Field covariance = cosine(8, 1);
    covariance[4] = bad;
    BOOST_CHECK_THROW(GaussianField(Torus({8}), covariance), std::invalid_argument);
    covariance = cosine(8, 1);
    covariance[0] = bad;
    BOOST_CHECK_THROW(GaussianField(Torus({8}), covariance), std::invalid_argument);
  }
  BOOST_CHECK_THROW(GaussianField(Torus({8}), Field::Zero(8)), std::invalid_argument);
  BOOST_CHECK_THROW(GaussianField(Torus({8}), -cosine(8, 1)), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
