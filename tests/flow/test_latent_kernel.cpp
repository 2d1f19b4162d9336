#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <vector>

#include <Eigen/Core>
#include <boost/test/unit_test.hpp>

#include "popflow/lattice/lanes.hpp"

#include "each_instruction_set.hpp"
#include "flow/latent_kernel.hpp"
#include "random_values.hpp"

BOOST_AUTO_TEST_SUITE(latent_kernel)

using namespace popflow;
using namespace popflow::test;

namespace {

using Lanes = Eigen::Matrix<double, lanes, Eigen::Dynamic>;

// 5 sites of which 3 are active, 2 neurons, 2 latents, 3 terms, 2 nodes for the variances; numbers
// without any meaning. Sites are in two groups, of which the second has one only; the lists of
// term m have the first m + 1 - group active sites, up to all.
struct Numbers {
  static constexpr std::ptrdiff_t N = 5, A = 3, P = 2, r = 2, T = 3, D = 2, groups = 2;

  Lanes node = random(r);
  Eigen::MatrixXd slope = random(r).topRows(N);    // N x r
  Eigen::MatrixXd weights = random(P).topRows(A);  // A x P
  std::vector<std::ptrdiff_t> site{0, 2, 3};
  std::vector<std::ptrdiff_t> begin{0};
  std::vector<std::int32_t> position;
  Eigen::MatrixXd power = Eigen::MatrixXd::Zero(A, T* N);  // with zeros that no list has
  std::vector<double> entries;                             // of the lists
  Eigen::MatrixXd rate = random(A).topRows(D).cwiseAbs();  // D x A
  Eigen::MatrixXd rate_weight = random(A).topRows(D);
  Lanes mean = random(N), covariance = random(P * N), h = random(N), hermite = random(N),
        previous = random(N), right = random(A);

  Numbers() {
    const Eigen::MatrixXd numbers = 0.3 * random(T * N).topRows(A);
    for (std::ptrdiff_t list = 0; list < T * groups; ++list) {
      const std::ptrdiff_t m = list / groups, first = list % groups * LatentBlock::rows;
      for (std::int32_t a = 0; a < std::min(A, m + 2 - list % groups); ++a) {
        position.push_back(a);
        for (std::ptrdiff_t i = first; i < first + LatentBlock::rows; ++i) {
          if (i < N) power(a, m * N + i) = numbers(a, m * N + i);
          entries.push_back(i < N ? numbers(a, m * N + i) : 7.0);
        }
      }
      begin.push_back(static_cast<std::ptrdiff_t>(position.size()));
    }
  }

  static Lanes random(Eigen::Index columns) {
    static std::uint64_t seed = 0;
    const Eigen::VectorXd numbers = random_values(lanes * columns, ++seed);
    return Eigen::Map<const Lanes>(numbers.data(), lanes, columns);
  }

  LatentBlock block() {
    return {.sites = N,
            .active = A,
            .latents = r,
            .neurons = P,
            .terms = T,
            .diagonal_nodes = D,
            .node = node.data(),
            .slope = slope.data(),
            .weights = weights.data(),
            .site = site.data(),
            .begin = begin.data(),
            .position = position.data(),
            .power = entries.data(),
            .diagonal_rate = rate.data(),
            .diagonal_weight = rate_weight.data(),
            .height = 1.3,
            .height2 = 0.7,
            .mean = mean.data(),
            .covariance = covariance.data(),
            .h = h.data(),
            .hermite = hermite.data(),
            .previous = previous.data(),
            .right = right.data()};
  }
};

double hermite(int n, double x) {
  return n == 0 ? 1.0 : n == 1 ? x : x * hermite(n - 1, x) - (n - 1) * hermite(n - 2, x);
}

}  // namespace

// As the formulas stand (Eq. 89, 90). xsimd's erf and exp are right to 1e-14.
BOOST_AUTO_TEST_CASE(moments_are_those_of_the_formulas) {
  in_each_instruction_set([](auto arch) {
    Numbers n;
    const LatentBlock block = n.block();
    ConditionalMoments{}(arch, block);
    for (int l = 0; l < lanes; ++l) {
      Eigen::VectorXd h = Eigen::VectorXd::Zero(n.N);
      for (std::ptrdiff_t r = 0; r < n.r; ++r) h += n.node(l, r) * n.slope.col(r);
      for (std::ptrdiff_t i = 0; i < n.N; ++i)
        BOOST_TEST(std::abs(n.mean(l, i) - 1.3 * std::erf(h[i] / std::numbers::sqrt2)) < 1e-13);
      const auto q = [&](int m, std::ptrdiff_t i) {
        return hermite(m - 1, h[i]) * std::exp(-0.5 * h[i] * h[i]) /
               std::sqrt(2.0 * std::numbers::pi);
      };
      for (std::ptrdiff_t p = 0; p < n.P; ++p)
        for (std::ptrdiff_t i = 0; i < n.N; ++i) {
          double expected = 0.0;
          for (std::ptrdiff_t a = 0; a < n.A; ++a) {
            const std::ptrdiff_t j = n.site[static_cast<std::size_t>(a)];
            for (int m = 1; m <= n.T; ++m)
              expected += n.power(a, (m - 1) * n.N + i) * q(m, i) * q(m, j) * n.weights(a, p);
            for (std::ptrdiff_t t = 0; i == j && t < n.D; ++t)
              expected +=
                  n.rate_weight(t, a) * std::exp(-n.rate(t, a) * h[i] * h[i]) * n.weights(a, p);
          }
          BOOST_TEST(std::abs(n.covariance(l, p * n.N + i) - 0.7 * expected) < 1e-12);
        }
    }
  });
}

BOOST_AUTO_TEST_CASE(sums_are_over_lanes_and_neurons) {
  in_each_instruction_set([](auto arch) {
    Numbers n;
    const LatentBlock block = n.block();
    const Lanes value = Numbers::random(n.P), slope = Numbers::random(n.P * n.P);
    Eigen::VectorXd out = Eigen::VectorXd::Ones(n.P * n.N);
    AccumulateMoments{}(arch, block, value.data(), slope.data(), out.data());
    for (std::ptrdiff_t o = 0; o < n.P; ++o)
      for (std::ptrdiff_t i = 0; i < n.N; ++i) {
        double expected = 1.0 + value.col(o).dot(n.mean.col(i));
        for (std::ptrdiff_t p = 0; p < n.P; ++p)
          expected += slope.col(o * n.P + p).dot(n.covariance.col(p * n.N + i));
        BOOST_TEST(std::abs(out[o * n.N + i] - expected) < 1e-12);
      }
  });
}

BOOST_AUTO_TEST_SUITE_END()
