#include <cmath>
#include <limits>
#include <stdexcept>

#include <boost/test/unit_test.hpp>

#include "popflow/input/correlation.hpp"
#include "popflow/input/elliptical_field.hpp"
#include "popflow/input/input.hpp"

#include "sampled_moments.hpp"

BOOST_AUTO_TEST_SUITE(elliptical_field)

using namespace popflow;

namespace {

EllipticalField elliptical(const std::vector<int>& shape, double kurtosis, double xi = 3.0) {
  const Torus torus(shape);
  return {{torus, gaussian_correlation(torus, xi)}, kurtosis};
}

Field drawn(EllipticalField field, std::uint64_t index) {
  RandomStream stream(9, Purpose::evaluation, index);
  Field x(field.torus().sites());
  field.sample(stream, x);
  return x;
}

}  // namespace

// 20 comparisons differ on a ring, 24 on a torus (opposite displacements agree), each off by chance
// with probability 6.3e-5 at another seed: 0.1 % and 0.2 % together.
BOOST_AUTO_TEST_CASE(samples_of_positive_kurtosis_have_the_stated_moments) {
  test::SampledMoments(elliptical({24}, 1.5), test::ring_triples())
      .check(test::sample_count(100'000), 1);
  test::SampledMoments(elliptical({5, 6}, 0.5, 1.5), test::torus_triples())
      .check(test::sample_count(100'000), 2);
}

BOOST_AUTO_TEST_CASE(samples_of_negative_kurtosis_have_the_stated_moments) {
  for (const double kurtosis : {-0.1, least_elliptical_kurtosis(24)})
    test::SampledMoments(elliptical({24}, kurtosis), test::ring_triples())
        .check(test::sample_count(100'000), 3);
}

BOOST_AUTO_TEST_CASE(at_no_kurtosis_the_four_point_function_is_the_gaussian_one) {
  const EllipticalField field = elliptical({24}, 0.0);
  const GaussianField gaussian(field.torus(), field.covariance());
  for (const auto& [a, b, c] : test::ring_triples())
    BOOST_TEST(field.four_point(a, b, c) == gaussian.four_point(a, b, c));
}

// x . C^{-1} x = r^2 = N, by Parseval's identity.
BOOST_AUTO_TEST_CASE(at_the_least_kurtosis_the_whitened_radius_is_fixed) {
  const EllipticalField field = elliptical({9}, least_elliptical_kurtosis(9), 1.0);
  for (std::uint64_t n = 0; n < 20; ++n) {
    const Spectrum modes = FourierTransform(field.torus()).forward(drawn(field, n));
    double radius = 0.0;
    for (int q = 0; q < 5; ++q)
      radius += (q == 0 ? 1.0 : 2.0) * std::norm(modes[q]) / field.spectrum()[q] / 9.0;
    BOOST_TEST(std::abs(radius - 9.0) < 1e-11);
  }
}

// From a radius that is all but fixed to one that is 0 nearly always.
BOOST_AUTO_TEST_CASE(samples_are_finite_at_extreme_kurtosis) {
  const double least = least_elliptical_kurtosis(24);
  for (const double kurtosis : {least + 1e-15, least + 1e-12, least + 1e-6, 1e3, 1e6, 1e12})
    for (std::uint64_t n = 0; n < 20; ++n)
      BOOST_TEST(drawn(elliptical({24}, kurtosis), n).allFinite());
}

BOOST_AUTO_TEST_CASE(kurtosis_that_no_elliptical_law_has_is_refused) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const double kurtosis : {-0.25, -infinity, infinity, std::nan("")})
    BOOST_CHECK_THROW(elliptical({24}, kurtosis), std::invalid_argument);
  BOOST_CHECK_NO_THROW(elliptical({22}, -0.25));
}

BOOST_AUTO_TEST_SUITE_END()
