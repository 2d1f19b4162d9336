#include <cmath>
#include <cstdint>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/input/random_stream.hpp"

#include "statistics.hpp"

BOOST_AUTO_TEST_SUITE(random_stream)

using namespace popflow;

namespace {

// A few roundings of numbers of order one.
constexpr double rounding = 1e-15;

Eigen::VectorXd normals(RandomStream stream, int count) {
  Eigen::VectorXd result(count);
  stream.fill_normal(result);
  return result;
}

RandomStream sample_stream(int n) {
  return {20, Purpose::evaluation, static_cast<std::uint64_t>(n)};
}

// Random123's map of 64 bits to (0, 1].
double uniform_of(std::uint64_t bits) {
  return std::ldexp(static_cast<double>(bits), -64) + std::ldexp(1.0, -65);
}

Eigen::ArrayXd bin_of(double probability, int bins) {
  Eigen::ArrayXd indicator = Eigen::ArrayXd::Zero(bins);
  indicator[std::min(static_cast<int>(probability * bins), bins - 1)] = 1.0;
  return indicator;
}

}  // namespace

// Random123, tests/kat_vectors: philox4x64-10 of counter 0 and key 0.
BOOST_AUTO_TEST_CASE(the_first_block_is_the_published_one) {
  constexpr std::uint64_t block[] = {0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b,
                                     0x7e68b68aec7ba23b};
  const RandomStream stream(0, Purpose::initial_weights, 0, 0);
  BOOST_TEST(std::abs(RandomStream(stream).uniform() - uniform_of(block[0])) < rounding);
  const Eigen::VectorXd x = normals(stream, 4);
  BOOST_TEST(std::abs(x.head(2).squaredNorm() + 2.0 * std::log(uniform_of(block[1]))) < rounding);
  BOOST_TEST(std::abs(x.tail(2).squaredNorm() + 2.0 * std::log(uniform_of(block[3]))) <
             4.0 * rounding);
}

BOOST_AUTO_TEST_CASE(uniforms_are_the_words_of_the_blocks_in_their_order) {
  RandomStream stream(0, Purpose::initial_weights, 0, 0), again = stream;
  Eigen::VectorXd u(6), v(2);
  stream.fill_uniform(u);
  BOOST_TEST(std::abs(u[1] - uniform_of(0xdb20fe9d672d0fdc)) < rounding);
  BOOST_TEST(std::abs(u[3] - uniform_of(0x7e68b68aec7ba23b)) < rounding);
  again.fill_uniform(v);
  BOOST_TEST(v == u.head(2));
  again.fill_uniform(v);
  BOOST_TEST(v == u.tail(2));
}

BOOST_AUTO_TEST_CASE(the_same_stream_gives_the_same_bits) {
  const RandomStream stream(1, Purpose::training, 2, 3);
  BOOST_CHECK(normals(stream, 9) == normals(RandomStream(1, Purpose::training, 2, 3), 9));
}

BOOST_AUTO_TEST_CASE(streams_of_other_seed_purpose_index_or_run_differ) {
  constexpr std::uint64_t beyond_32_bits = std::uint64_t{1} << 32;
  std::vector<Eigen::VectorXd> drawn;
  for (std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, beyond_32_bits})
    for (Purpose purpose : {Purpose::initial_weights, Purpose::training, Purpose::evaluation})
      for (std::uint64_t index : {std::uint64_t{0}, std::uint64_t{1}, beyond_32_bits})
        for (std::uint32_t run : {0u, 1u, 0xffffffffu})
          drawn.push_back(normals(RandomStream(seed, purpose, index, run), 4));
  for (std::size_t i = 0; i < drawn.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      BOOST_TEST((drawn[i] - drawn[j]).cwiseAbs().minCoeff() > 0.0);
}

BOOST_AUTO_TEST_CASE(streams_do_not_depend_on_the_order_of_drawing) {
  RandomStream a(1, Purpose::training, 0), b(1, Purpose::training, 1);
  Eigen::VectorXd a_numbers(8), b_numbers(8);
  b.fill_normal(b_numbers.head(4));
  a.fill_normal(a_numbers.head(4));
  a.fill_normal(a_numbers.tail(4));
  b.fill_normal(b_numbers.tail(4));
  BOOST_CHECK(a_numbers == normals(RandomStream(1, Purpose::training, 0), 8));
  BOOST_CHECK(b_numbers == normals(RandomStream(1, Purpose::training, 1), 8));
}

BOOST_AUTO_TEST_CASE(a_short_draw_is_the_beginning_of_a_long_one) {
  const Eigen::VectorXd all = normals(sample_stream(0), 12);
  for (int count = 0; count <= 12; ++count)
    BOOST_CHECK(normals(sample_stream(0), count) == all.head(count));
}

BOOST_AUTO_TEST_CASE(every_call_starts_a_new_block_of_four) {
  const Eigen::VectorXd all = normals(sample_stream(0), 12);
  for (int count = 1; count <= 8; ++count) {
    RandomStream stream = sample_stream(0);
    Eigen::VectorXd first(count), next(4);
    stream.fill_normal(first);
    stream.fill_normal(next);
    BOOST_CHECK(next == all.segment(4 * ((count + 3) / 4), 4));
  }
}

BOOST_AUTO_TEST_CASE(uniform_numbers_of_a_stream_differ) {
  RandomStream stream = sample_stream(0);
  const double first = stream.uniform(), second = stream.uniform();
  BOOST_TEST(first != second);
}

// 14 comparisons, each off by chance with probability 6.3e-5 at another seed: 0.1 % together.
BOOST_AUTO_TEST_CASE(normals_have_the_moments_of_independent_standard_normals) {
  test::SampleMeans means(14);
  Eigen::ArrayXd values(14);
  for (int n = 0; n < test::sample_count(400'000); ++n) {
    const Eigen::VectorXd x = normals(sample_stream(n), 4), next = normals(sample_stream(n + 1), 1);
    values << x[0], x[0] * x[0], std::pow(x[0], 3), std::pow(x[0], 4), std::pow(x[0], 6),  //
        x[3] * x[3], std::pow(x[3], 4),                                                    //
        x[0] * x[1], x[0] * x[2], x[1] * x[3], x[2] * x[3],                                //
        x[0] * x[0] * x[1] * x[1], x[1] * x[1] * x[2] * x[2],                              //
        x[0] * next[0];
    means.add(values);
  }
  Eigen::ArrayXd exact(14);
  exact << 0, 1, 0, 3, 15, 1, 3, 0, 0, 0, 0, 1, 1, 0;
  test::check_means(means, exact);
}

// 40 comparisons: 0.3 % together.
BOOST_AUTO_TEST_CASE(numbers_fill_bins_of_equal_probability_equally) {
  constexpr int bins = 20;
  test::SampleMeans uniform(bins), normal(bins);
  for (int n = 0; n < test::sample_count(200'000); ++n) {
    const double u = sample_stream(n).uniform(), x = normals(sample_stream(n), 1)[0];
    BOOST_REQUIRE(u > 0.0 && u <= 1.0);
    uniform.add(bin_of(u, bins));
    normal.add(bin_of(0.5 * std::erfc(-x / std::sqrt(2.0)), bins));
  }
  const Eigen::ArrayXd equal = Eigen::ArrayXd::Constant(bins, 1.0 / bins);
  test::check_means(uniform, equal);
  test::check_means(normal, equal);
}

BOOST_AUTO_TEST_SUITE_END()
