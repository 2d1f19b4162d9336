#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <stdexcept>

#include <boost/test/unit_test.hpp>

#include "popflow/input/random_stream.hpp"
#include "popflow/measure/tiling.hpp"

#include "statistics.hpp"
#include "thread_count.hpp"

BOOST_AUTO_TEST_SUITE(tiling_of_the_lattice)

using namespace popflow;
using std::numbers::pi;

namespace {

// A few roundings of numbers up to 100.
constexpr double rounding = 1e-12;

// From a generator other than the library's.
std::vector<Point> random_points(const Torus& torus, int n, std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  std::uniform_real_distribution<double> uniform;
  std::vector<Point> points(static_cast<std::size_t>(n));
  for (auto& [row, column] : points) {
    row = torus.rows() > 1 ? torus.rows() * uniform(generator) : 0.0;
    column = torus.columns() * uniform(generator);
  }
  return points;
}

std::vector<Point> moved(std::vector<Point> points, double rows, double columns) {
  for (Point& p : points) p = {p[0] + rows, p[1] + columns};
  return points;
}

std::vector<Point> evenly_spaced(double extent, int n) {
  std::vector<Point> points;
  for (int k = 0; k < n; ++k) points.push_back({0.0, 0.3 + extent * k / n});
  return points;
}

// The nearest of all images two lattices around.
double distance_to_images(const Torus& torus, const Point& a, const Point& b) {
  double nearest = std::numeric_limits<double>::infinity();
  for (int m = -2; m <= 2; ++m)
    for (int n = -2; n <= 2; ++n)
      nearest = std::min(
          nearest, std::hypot(a[0] - b[0] + m * torus.rows(), a[1] - b[1] + n * torus.columns()));
  return nearest;
}

// Area of the disc of radius r about the middle of a rectangle that lies within it, by the midpoint
// rule.
double wrapped_disc(double rows, double columns, double r) {
  constexpr int steps = 1000;
  const double side = std::min(r, rows / 2.0);
  double area = 0.0;
  for (int i = 0; i < steps; ++i) {
    const double x = side * (i + 0.5) / steps;
    area += 4.0 * side / steps * std::min(columns / 2.0, std::sqrt(r * r - x * x));
  }
  return area;
}

// (Eq. 48), by the midpoint rule: to 1e-5 of itself.
double expected_spacing(double rows, double columns, int n) {
  constexpr int steps = 1000;
  const double farthest = std::hypot(rows, columns) / 2.0;
  double sum = 0.0;
  for (int i = 0; i < steps; ++i) {
    const double inside = wrapped_disc(rows, columns, farthest * (i + 0.5) / steps);
    sum += std::pow(std::max(1.0 - inside / (rows * columns), 0.0), n - 1);
  }
  return farthest / steps * sum;
}

// The standard error of a standard deviation is sqrt((k - 1) / 4 draws) of itself, with k the
// fourth moment in units of the variance: below 4 for mean spacings of uniform points.
double deviation_error(double deviation, int draws) { return deviation * std::sqrt(0.75 / draws); }

}  // namespace

BOOST_AUTO_TEST_CASE(distances_are_those_of_the_nearest_image) {
  const Torus torus({7, 12});
  const std::vector<Point> points = random_points(torus, 40, 1);
  for (const Point& a : points)
    for (const Point& b : points) {
      BOOST_TEST(std::abs(wrapped_distance(torus, a, b) - distance_to_images(torus, a, b)) <
                 rounding);
      BOOST_TEST(std::abs(wrapped_distance(torus, {a[0] - 7.0, a[1] + 24.0}, b) -
                          wrapped_distance(torus, b, a)) < rounding);
    }
  BOOST_TEST(wrapped_distance(Torus({100}), {0.0, 99.5}, {0.0, 1.0}) == 1.5);
}

BOOST_AUTO_TEST_CASE(nearest_spacings_are_the_least_distances) {
  const Eigen::VectorXd on_ring =
      nearest_spacings(Torus({100}), {{0.0, 98.0}, {0.0, 20.0}, {0.0, 1.0}, {0.0, 30.0}});
  BOOST_TEST((on_ring == Eigen::Vector4d(3.0, 10.0, 3.0, 10.0)));

  const Torus torus({9, 14});
  const std::vector<Point> points = random_points(torus, 25, 2);
  const Eigen::VectorXd spacing = nearest_spacings(torus, points);
  for (std::size_t k = 0; k < points.size(); ++k) {
    double nearest = std::numeric_limits<double>::infinity();
    for (std::size_t l = 0; l < points.size(); ++l)
      if (l != k) nearest = std::min(nearest, distance_to_images(torus, points[k], points[l]));
    BOOST_TEST(std::abs(spacing[static_cast<Eigen::Index>(k)] - nearest) < rounding);
  }
}

// E = L / 2n, and Var = L^2 / (6 n^2 (n + 1)) but for n = 2, whose two points have one distance,
// uniform on [0, L/2].
BOOST_AUTO_TEST_CASE(uniform_points_on_a_ring_are_spaced_as_in_closed_form) {
  const double L = 100.0;
  const int draws = test::sample_count(40000);
  for (int n : {2, 3, 4, 8, 30}) {
    const Tiling found = tiling(Torus({100}), evenly_spaced(L, n), {.draws = draws, .seed = 3});
    const double mean = L / (2.0 * n);
    const double deviation =
        n == 2 ? L / (4.0 * std::sqrt(3.0)) : L / (n * std::sqrt(6.0 * (n + 1.0)));
    BOOST_TEST(std::abs(found.uniform_mean - mean) <=
                   test::allowed_standard_errors * deviation / std::sqrt(draws),
               "n = " << n << ": mean " << found.uniform_mean << ", exact " << mean);
    BOOST_TEST(std::abs(found.uniform_standard_deviation - deviation) <=
                   test::allowed_standard_errors * deviation_error(deviation, draws),
               "n = " << n << ": standard deviation " << found.uniform_standard_deviation
                      << ", exact " << deviation);
  }
}

// 1/2 sqrt(A) Gamma(n) / Gamma(n + 1/2) where discs do not meet their images: but for
// (1 - pi/4)^(n - 1) = 2e-13 of the sets for n = 20.
BOOST_AUTO_TEST_CASE(uniform_points_on_a_torus_are_spaced_as_in_closed_form) {
  const int n = 20, draws = test::sample_count(20000);
  const Torus torus({30, 30});
  const Tiling found = tiling(torus, random_points(torus, n, 4), {.draws = draws, .seed = 5});
  const double exact = 15.0 * std::exp(std::lgamma(n) - std::lgamma(n + 0.5));
  BOOST_TEST(std::abs(exact / expected_spacing(30.0, 30.0, n) - 1.0) < 1e-4);
  BOOST_TEST(std::abs(found.uniform_mean - exact) <=
             test::allowed_standard_errors * found.uniform_standard_deviation / std::sqrt(draws));
}

BOOST_AUTO_TEST_CASE(uniform_points_on_an_oblong_torus_are_spaced_as_the_integral_says) {
  const int draws = test::sample_count(20000);
  const Torus torus({6, 25});
  for (int n : {2, 5, 12}) {
    const Tiling found = tiling(torus, random_points(torus, n, 6), {.draws = draws, .seed = 7});
    const double error = found.uniform_standard_deviation / std::sqrt(draws);
    BOOST_TEST(std::abs(found.uniform_mean - expected_spacing(6.0, 25.0, n)) <=
                   test::allowed_standard_errors * error + 1e-4,
               "n = " << n << ": " << found.uniform_mean << " +- " << error);
  }
}

BOOST_AUTO_TEST_CASE(evenly_spaced_points_are_as_far_apart_as_can_be) {
  const TilingOptions options{.draws = 999, .seed = 8};
  for (int n : {6, 10}) {
    const Tiling found = tiling(Torus({100}), evenly_spaced(100.0, n), options);
    BOOST_TEST(std::abs(found.mean_spacing - 100.0 / n) < rounding);
    BOOST_TEST(std::abs(found.ratio - found.mean_spacing / found.uniform_mean) < rounding);
    BOOST_TEST(std::abs(found.ratio - 2.0) < 0.1);
    BOOST_TEST(found.p_even == 1.0 / 1000.0);
    BOOST_TEST(found.p_clustered == 1.0);
  }
}

BOOST_AUTO_TEST_CASE(crowded_points_are_clustered) {
  const TilingOptions options{.draws = 999, .seed = 9};
  const Torus torus({20, 20});
  std::vector<Point> points = random_points(Torus({3, 3}), 8, 10);
  const Tiling crowded = tiling(torus, points, options);
  BOOST_TEST(crowded.ratio < 0.5);
  BOOST_TEST(crowded.p_clustered == 1.0 / 1000.0);
  BOOST_TEST(crowded.p_even == 1.0);
  const Tiling coincident = tiling(torus, std::vector<Point>(8, points[0]), options);
  BOOST_TEST(coincident.ratio == 0.0);
  BOOST_TEST(coincident.p_even == 1.0);
}

// For uniform points both p are uniform on 1/100, ..., 100/100.
BOOST_AUTO_TEST_CASE(p_values_of_uniform_points_are_uniform) {
  const Torus torus({10, 16});
  test::SampleMeans means(4);
  for (int set = 0; set < test::sample_count(4000); ++set) {
    const auto seed = static_cast<std::uint64_t>(set);
    const Tiling found =
        tiling(torus, random_points(torus, 5, 100 + seed), {.draws = 99, .seed = seed});
    means.add(Eigen::Array4d(found.p_even, found.p_even <= 0.05, found.p_clustered <= 0.05,
                             found.p_even + found.p_clustered));
  }
  check_means(means, Eigen::Array4d(0.505, 0.05, 0.05, 1.01));
}

BOOST_AUTO_TEST_CASE(moving_all_points_changes_nothing) {
  const Torus torus({10, 16});
  const std::vector<Point> points = random_points(torus, 7, 11);
  const Tiling here = tiling(torus, points, {.draws = 200});
  const Tiling there = tiling(torus, moved(points, 7.3, -40.9), {.draws = 200});
  BOOST_TEST(std::abs(here.mean_spacing - there.mean_spacing) < rounding);
  BOOST_TEST(std::abs(here.ratio - there.ratio) < rounding);
  BOOST_TEST(here.p_even == there.p_even);
}

BOOST_AUTO_TEST_CASE(the_draws_are_those_of_the_documented_streams) {
  const Torus torus({10, 16});
  const std::vector<Point> points = random_points(torus, 6, 15);
  const double observed = nearest_spacings(torus, points).mean();
  Eigen::ArrayXd means(50);
  for (int t = 0; t < 50; ++t) {
    RandomStream stream(16, Purpose::tiling, static_cast<std::uint64_t>(t));
    std::vector<Point> uniform;
    for (int k = 0; k < 6; ++k) {
      const double row = 10.0 * stream.uniform();
      uniform.push_back({row, 16.0 * stream.uniform()});
    }
    means[t] = nearest_spacings(torus, uniform).mean();
  }
  const Tiling found = tiling(torus, points, {.draws = 50, .seed = 16});
  const double variance = (means - means.mean()).square().sum() / 49.0;
  BOOST_TEST(std::abs(found.uniform_mean - means.mean()) < rounding);
  BOOST_TEST(std::abs(found.uniform_standard_deviation - std::sqrt(variance)) < rounding);
  BOOST_TEST(std::abs(found.p_even - (1.0 + (means > observed).count()) / 51.0) < rounding);
  BOOST_TEST(std::abs(found.p_clustered - (1.0 + (means < observed).count()) / 51.0) < rounding);
}

BOOST_AUTO_TEST_CASE(the_bits_do_not_depend_on_the_number_of_threads) {
  const Torus torus({10, 16});
  const std::vector<Point> points = random_points(torus, 7, 12);
  const auto on_threads = [&](int threads) {
    const test::ThreadCount count(threads);
    return tiling(torus, points, {.draws = 101, .seed = 13});
  };
  const Tiling one = on_threads(1), three = on_threads(3);
  BOOST_TEST(one.uniform_mean == three.uniform_mean);
  BOOST_TEST(one.uniform_standard_deviation == three.uniform_standard_deviation);
  BOOST_TEST(one.p_clustered == three.p_clustered);
}

BOOST_AUTO_TEST_CASE(fewer_than_two_points_have_no_spacing) {
  const Torus ring({50});
  for (int n : {0, 1}) {
    const std::vector<Point> points = random_points(ring, n, 14);
    const Eigen::VectorXd spacing = nearest_spacings(ring, points);
    BOOST_TEST(spacing.size() == n);
    BOOST_TEST(spacing.array().isNaN().all());
    const Tiling found = tiling(ring, points);
    for (double value : {found.mean_spacing, found.uniform_mean, found.uniform_standard_deviation,
                         found.ratio, found.p_even, found.p_clustered})
      BOOST_TEST(std::isnan(value));
  }
}

BOOST_AUTO_TEST_CASE(points_that_are_nowhere_and_too_few_draws_are_refused) {
  const Torus ring({50});
  const std::vector<Point> nowhere{{0.0, 1.0}, {0.0, std::nan("")}};
  BOOST_CHECK_THROW(nearest_spacings(ring, nowhere), std::invalid_argument);
  BOOST_CHECK_THROW(tiling(ring, nowhere), std::invalid_argument);
  for (int draws : {-1, 0, 1})
    BOOST_CHECK_THROW(tiling(ring, evenly_spaced(50.0, 3), {.draws = draws}),
                      std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
