#include <cmath>
#include <numbers>
#include <stdexcept>

#include <boost/test/unit_test.hpp>

#include "popflow/input/correlation.hpp"
#include "popflow/input/gaussian_field.hpp"
#include "popflow/measure/localisation.hpp"
#include "popflow/measure/receptive_field.hpp"

#include "random_weights.hpp"

BOOST_AUTO_TEST_SUITE(localised_fields)

using namespace popflow;
using std::numbers::pi;

namespace {

// exp(-r^2 / 2 s^2) about a site, nearest image.
Field bump(const Torus& torus, int site, double s) {
  const Point origin{0.0, 0.0};
  const Field at_zero = Field::NullaryExpr(torus.sites(), [&](Eigen::Index i) {
    const auto [row, column] = torus.coordinates(static_cast<int>(i));
    const double r = wrapped_distance(torus, origin, {1.0 * row, 1.0 * column});
    return std::exp(-r * r / (2.0 * s * s));
  });
  return shifted(torus, at_zero, site);
}

Field sinusoid(int sites, int mode) {
  return Field::NullaryExpr(
      sites, [&](Eigen::Index i) { return std::cos(2.0 * pi * mode * i / sites + 0.4); });
}

// Along the columns of `torus`, about row 5.
Field stripe(const Torus& torus) {
  return Field::NullaryExpr(torus.sites(), [&](Eigen::Index i) {
    const double r = torus.coordinates(static_cast<int>(i))[0] - 5.0;
    return std::exp(-r * r / 0.5);
  });
}

bool is_localised(const Field& u, double concentration = localised_concentration) {
  return localisation(u.transpose(), concentration).localised[0];
}

}  // namespace

// N IPR = N / (s sqrt(2 pi)) = 6 at s = N / 15.04, and L1 L2 / (2 pi s^2) = 6 at
// s = sqrt(L1 L2) / 6.14.
BOOST_AUTO_TEST_CASE(bumps_are_localised_up_to_the_documented_width) {
  const Torus ring({100}), torus({40, 40});
  BOOST_TEST(is_localised(bump(ring, 20, 0.065 * 100)));
  BOOST_TEST(!is_localised(bump(ring, 20, 0.068 * 100)));
  BOOST_TEST(is_localised(bump(torus, 20, 0.16 * 40)));
  BOOST_TEST(!is_localised(bump(torus, 20, 0.166 * 40)));
}

BOOST_AUTO_TEST_CASE(a_bump_stays_localised_on_larger_lattices_and_a_sinusoid_never_is) {
  for (int n : {60, 120, 240, 960}) {
    BOOST_TEST(is_localised(bump(Torus({n}), 7, 3.0)));
    for (int mode : {0, 1, 7}) BOOST_TEST(!is_localised(sinusoid(n, mode)));
  }
}

// By sampling, 0.03 % of Gaussian vectors on 100 sites exceed 6. More than 5 of 2000 do with
// probability 5e-5.
BOOST_AUTO_TEST_CASE(gaussian_vectors_are_hardly_ever_localised) {
  BOOST_TEST(localisation(test::random_weights(2000, 100, 1)).fraction <= 5.0 / 2000.0);
  BOOST_TEST(localisation(test::random_weights(2000, 400, 2)).fraction == 0.0);
  BOOST_TEST(localisation(test::random_weights(2000, 100, 1), 2.9).fraction > 0.4);
}

// By sampling, fewer than 0.2 % of these exceed 6. More than 14 of 2000 do with probability 2e-5.
BOOST_AUTO_TEST_CASE(smooth_random_fields_are_hardly_ever_localised) {
  for (double xi : {2.0, 4.0, 8.0}) {
    const Torus ring({100});
    GaussianField field(ring, gaussian_correlation(ring, xi));
    Weights u(2000, 100);
    for (int k = 0; k < 2000; ++k) {
      RandomStream stream(3, Purpose::evaluation, static_cast<std::uint64_t>(k));
      field.sample(stream, u.row(k).transpose());
    }
    BOOST_TEST(localisation(u).fraction <= 14.0 / 2000.0);
  }
}

BOOST_AUTO_TEST_CASE(every_neuron_is_judged_by_itself) {
  const Torus ring({100});
  Weights u(4, 100);
  u.row(0) = sinusoid(100, 3);
  u.row(1) = -1e-90 * bump(ring, 11, 4.0);
  u.row(2).setZero();
  u.row(3) = 2.0 * bump(ring, 60, 2.0);
  const Localisation found = localisation(u);
  BOOST_REQUIRE(found.localised.size() == 4);
  for (int k = 0; k < 4; ++k) BOOST_TEST(found.localised[k] == (k == 1 || k == 3));
  BOOST_TEST(found.fraction == 0.5);
}

// N IPR of m equal sites is N / m.
BOOST_AUTO_TEST_CASE(the_concentration_must_be_exceeded) {
  Field u = Field::Zero(64);
  u.head(8).setOnes();
  BOOST_TEST(is_localised(u, 7.999));
  BOOST_TEST(!is_localised(u, 8.0));
  BOOST_TEST(!is_localised(Field::Unit(6, 2)));
  BOOST_TEST(is_localised(Field::Unit(7, 2)));
}

BOOST_AUTO_TEST_CASE(centres_are_those_of_the_localised_fields_that_have_one) {
  const Torus torus({20, 24});
  Weights u(4, 480);
  u.row(0) = bump(torus, torus.site(3, 19), 1.5);
  u.row(1) = sinusoid(480, 2);
  u.row(2) = stripe(torus);
  u.row(3) = -bump(torus, torus.site(17, 0), 1.0);
  const Localisation found = localisation(u);
  BOOST_TEST(found.localised[2]);
  const std::vector<Point> centres = localised_centres(torus, u, found);
  BOOST_REQUIRE(centres.size() == 2);
  BOOST_TEST(wrapped_distance(torus, centres[0], {3.0, 19.0}) < 1e-10);
  BOOST_TEST(wrapped_distance(torus, centres[1], {17.0, 0.0}) < 1e-10);
}

BOOST_AUTO_TEST_CASE(nothing_to_judge_or_a_meaningless_concentration_is_refused) {
  BOOST_CHECK_THROW(localisation(Weights(0, 5)), std::invalid_argument);
  BOOST_CHECK_THROW(localisation(Weights(5, 0)), std::invalid_argument);
  for (double concentration : {0.9, -1.0, std::nan("")})
    BOOST_CHECK_THROW(localisation(Weights::Ones(2, 5), concentration), std::invalid_argument);
  const Weights u = Weights::Ones(2, 24);
  BOOST_CHECK_THROW(localised_centres(Torus({25}), u, localisation(u)), std::invalid_argument);
  BOOST_CHECK_THROW(localised_centres(Torus({24}), u, localisation(u.topRows(1))),
                    std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
