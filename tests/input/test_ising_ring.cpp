#include <cmath>
#include <limits>
#include <stdexcept>

#include <boost/test/unit_test.hpp>

#include "popflow/input/ising_ring.hpp"

#include "sampled_moments.hpp"

BOOST_AUTO_TEST_SUITE(ising_ring)

using namespace popflow;

namespace {

IsingRing ising(int sites, double xi) { return {Torus({sites}), xi}; }

// Spin i of state number `state`.
double spin(int state, int i) { return state >> i & 1 ? -1.0 : 1.0; }

// The Boltzmann weights exp(beta J sum_i x_i x_{i+1}) of all 2^N states, which sum to 1.
Eigen::ArrayXd state_probabilities(int sites, double xi) {
  const double beta_J = std::atanh(std::exp(-1.0 / xi));
  Eigen::ArrayXd weight(1 << sites);
  for (int state = 0; state < weight.size(); ++state) {
    double bonds = 0.0;
    for (int i = 0; i < sites; ++i) bonds += spin(state, i) * spin(state, (i + 1) % sites);
    weight[state] = std::exp(beta_J * (bonds - sites));
  }
  return weight / weight.sum();
}

double enumerated(const Eigen::ArrayXd& probability, int i, int j, int k, int l) {
  double sum = 0.0;
  for (int state = 0; state < probability.size(); ++state)
    sum += probability[state] * spin(state, i) * spin(state, j) * spin(state, k) * spin(state, l);
  return sum;
}

int drawn_state(IsingRing& ring, std::uint64_t index) {
  RandomStream stream(3, Purpose::evaluation, index);
  Field x(ring.torus().sites());
  ring.sample(stream, x);
  int state = 0;
  for (int i = 0; i < x.size(); ++i) state |= (x[i] < 0.0 ? 1 : 0) << i;
  return state;
}

}  // namespace

BOOST_AUTO_TEST_CASE(moments_are_sums_over_all_states) {
  for (const int n : {2, 3, 4, 7, 12})
    for (const double xi : {0.2, 1.0, 4.0}) {
      const IsingRing ring = ising(n, xi);
      const Eigen::ArrayXd probability = state_probabilities(n, xi);
      double error = 0.0;
      for (int a = 0; a < n; ++a) {
        error =
            std::max(error, std::abs(ring.covariance()[a] - enumerated(probability, 0, a, 0, 0)));
        for (int b = 0; b <= a; ++b)
          for (int c = 0; c <= b; ++c)
            error = std::max(
                error, std::abs(ring.four_point(c, a, b) - enumerated(probability, 0, a, b, c)));
      }
      BOOST_TEST(error < 1e-12, "N = " << n << ", xi = " << xi << ": " << error);
    }
}

BOOST_AUTO_TEST_CASE(the_spectrum_is_that_of_the_covariance) {
  const IsingRing ring(Torus({9}), 2.0);
  for (int q = 0; q < 5; ++q) {
    double sum = 0.0;
    for (int a = 0; a < 9; ++a)
      sum += ring.covariance()[a] * std::cos(2.0 * std::acos(-1.0) * q * a / 9.0);
    BOOST_TEST(std::abs(ring.spectrum()[q] - sum) < 1e-14);
  }
}

BOOST_AUTO_TEST_CASE(four_points_do_not_depend_on_the_order_of_the_sites) {
  const IsingRing ring = ising(9, 2.0);
  for (const auto& [a, b, c] : {std::array{1, 4, 7}, {4, 7, 1}, {7, 1, 4}, {7, 4, 1}})
    BOOST_TEST(ring.four_point(a, b, c) == ring.four_point(1, 4, 7));
}

// Every state at its probability: the closure of the ring included.
BOOST_AUTO_TEST_CASE(states_are_drawn_at_their_probabilities) {
  for (const double xi : {0.5, 3.0}) {
    IsingRing ring = ising(5, xi);
    test::SampleMeans frequencies(32);
    const int samples = test::sample_count(100'000);
    for (int n = 0; n < samples; ++n)
      frequencies.add(
          Eigen::VectorXd::Unit(32, drawn_state(ring, static_cast<std::uint64_t>(n))).array());
    test::check_means(frequencies, state_probabilities(5, xi));
  }
}

// 20 comparisons differ, each off by chance with probability 6.3e-5 at another seed.
BOOST_AUTO_TEST_CASE(samples_have_the_stated_moments) {
  test::SampledMoments(ising(24, 3.0), test::ring_triples()).check(test::sample_count(50'000), 1);
}

BOOST_AUTO_TEST_CASE(a_long_correlation_length_aligns_all_spins_and_a_short_one_none) {
  constexpr double most = std::numeric_limits<double>::max();
  IsingRing aligned = ising(6, most);
  BOOST_TEST(aligned.covariance().isOnes(1e-15));
  BOOST_TEST(aligned.four_point(1, 3, 4) == 1.0);
  for (std::uint64_t n = 0; n < 50; ++n) {
    const int state = drawn_state(aligned, n);
    BOOST_TEST((state == 0 || state == 63));
  }
  const IsingRing independent = ising(6, 1e-300);
  BOOST_TEST(independent.covariance() == Field::Unit(6, 0));
  BOOST_TEST(independent.four_point(0, 2, 2) == 1.0);
  BOOST_TEST(independent.four_point(0, 2, 3) == 0.0);
}

BOOST_AUTO_TEST_CASE(what_is_not_a_ring_or_a_length_is_refused) {
  BOOST_CHECK_THROW(IsingRing(Torus({3, 4}), 1.0), std::invalid_argument);
  BOOST_CHECK_THROW(IsingRing(Torus({1, 4}), 1.0), std::invalid_argument);
  for (const double xi : {0.0, -1.0, std::numeric_limits<double>::infinity(), std::nan("")})
    BOOST_CHECK_THROW(ising(4, xi), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
