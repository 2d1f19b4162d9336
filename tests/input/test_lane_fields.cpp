#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

#include <Random123/philox.h>
#include <boost/test/unit_test.hpp>

#include "popflow/input/correlation.hpp"
#include "popflow/input/input.hpp"
#include "popflow/input/nonlinear_gaussian_field.hpp"
#include "popflow/moments/arcsine.hpp"

#include "allocation_precondition.hpp"
#include "reference_inputs.hpp"
#include "sampled_moments.hpp"

BOOST_AUTO_TEST_SUITE(lane_fields)

using namespace popflow;
using test::nlgp;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Sums of a hundred modes, at most 6.8 standard deviations each, after the roundings of the
// transform: typically a few units of the precision, times the slope of erf, which is g / Z.
template <class Real>
constexpr double rounding = 40.0 * std::numeric_limits<Real>::epsilon();

constexpr SampleKey some_key{7, Purpose::training, 3};

using Indices = std::array<std::uint64_t, lanes>;

Indices consecutive(std::uint64_t first) {
  Indices result;
  std::iota(result.begin(), result.end(), first);
  return result;
}

GaussianField smooth_field(const std::vector<int>& shape, double xi) {
  const Torus torus(shape);
  return {torus, gaussian_correlation(torus, xi)};
}

std::vector<Input> inputs() {
  return {smooth_field({24}, 3.0),
          smooth_field({7}, 0.5),
          smooth_field({100}, 8.0),
          smooth_field({5, 6}, 1.5),
          nlgp({100}, 3.0, 1.0),
          nlgp({24}, infinity, 3.0),
          nlgp({4, 3}, 0.3, 1.0),
          smooth_field({1}, 1.0),
          smooth_field({300}, 0.3),
          nlgp({10}, 1e-200, 2.0),
          gaussian_clone(nlgp({9}, 3.0, 2.0))};
}

template <class Real>
LaneFields<Real> drawn(Input input, const Indices& indices, const SampleKey& key = some_key) {
  LaneFields<Real> out(input.torus().sites(), lanes);
  input.sample_lanes(key, indices, out);
  return out;
}

std::array<double, lanes> uniforms(const SampleKey& key, const Indices& indices) {
  std::array<double, lanes> result;
  draw_uniform(key, indices, result);
  return result;
}

template <class A, class B>
double difference(const A& a, const B& b) {
  return (a.template cast<double>() - b.template cast<double>()).cwiseAbs().maxCoeff();
}

// Knows nothing of lanes.
struct OneByOne {
  Torus lattice;

  const Torus& torus() const { return lattice; }
  Field covariance() const { return Field::Unit(lattice.sites(), 0); }
  Field spectrum() const { return Field::Ones(lattice.half_modes()); }
  double four_point(int, int, int) const { return 0.0; }
  void sample(RandomStream& stream, Eigen::Ref<Field> out) { stream.fill_normal(out); }
};

}  // namespace

// Each comparison below is off by chance with probability 6.3e-5 at another seed; the largest case
// makes 58 that differ: 0.4 %.
BOOST_AUTO_TEST_CASE(gaussian_fields_have_the_stated_moments) {
  const int samples = test::sample_count(160'000);
  test::SampledMoments(smooth_field({24}, 3.0), test::ring_triples())
      .check_lanes<float>(samples, 1);
  test::SampledMoments(smooth_field({25}, 0.8), test::ring_triples())
      .check_lanes<double>(samples, 2);
  test::SampledMoments(smooth_field({5, 6}, 1.5), test::torus_triples())
      .check_lanes<float>(samples, 3);
}

BOOST_AUTO_TEST_CASE(nonlinear_fields_have_the_stated_moments) {
  const int samples = test::sample_count(160'000);
  test::SampledMoments(nlgp({24}, 3.0, 3.0), test::ring_triples()).check_lanes<float>(samples, 4);
  test::SampledMoments(nlgp({25}, infinity, 2.0), test::ring_triples())
      .check_lanes<float>(samples, 5);
  test::SampledMoments(nlgp({5, 6}, 3.0, 0.7), test::torus_triples())
      .check_lanes<double>(samples, 6);
}

// More modes than are drawn at a time, and of nearly equal power.
BOOST_AUTO_TEST_CASE(long_rings_have_the_stated_moments) {
  test::SampledMoments(smooth_field({300}, 0.6), test::ring_triples())
      .check_lanes<float>(test::sample_count(16'000), 7);
}

BOOST_AUTO_TEST_CASE(a_clone_has_the_moments_of_a_gaussian_field_of_the_same_covariance) {
  test::SampledMoments(gaussian_clone(nlgp({24}, 3.0, 3.0)), test::ring_triples())
      .check_lanes<float>(test::sample_count(160'000), 8);
}

BOOST_AUTO_TEST_CASE(both_precisions_draw_the_same_fields) {
  for (const Input& input : inputs()) {
    const auto single = drawn<float>(input, consecutive(5));
    const auto doubles = drawn<double>(input, consecutive(5));
    BOOST_TEST(difference(single, doubles) < rounding<float>);
  }
}

// Partners share a complex transform, whose rounding they see.
BOOST_AUTO_TEST_CASE(a_lane_depends_on_its_own_index_alone) {
  const Indices given = consecutive(100);
  Indices reversed = given, others = consecutive(5'000'000'000);
  std::reverse(reversed.begin(), reversed.end());
  others[6] = given[0];
  for (const Input& input : inputs()) {
    const auto check = [&](auto real) {
      using Real = decltype(real);
      const auto first = drawn<Real>(input, given), second = drawn<Real>(input, reversed);
      BOOST_TEST(difference(first, second.rowwise().reverse()) < rounding<Real>);
      BOOST_TEST(difference(first.col(0), drawn<Real>(input, others).col(6)) < rounding<Real>);
    };
    check(0.0F);
    check(0.0);
  }
  const auto first = uniforms(some_key, given), second = uniforms(some_key, reversed);
  for (int l = 0; l < lanes; ++l) BOOST_TEST(first[l] == second[lanes - 1 - l]);
}

BOOST_AUTO_TEST_CASE(samples_of_other_seed_purpose_run_or_index_differ) {
  constexpr std::uint64_t beyond_32_bits = std::uint64_t{1} << 32;
  std::vector<Field> fields;
  std::vector<double> numbers;
  for (std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, beyond_32_bits})
    for (Purpose purpose : {Purpose::training, Purpose::evaluation})
      for (std::uint32_t run : {0u, 1u, 0xffffffu})
        for (std::uint64_t first : {std::uint64_t{0}, beyond_32_bits}) {
          const SampleKey key{seed, purpose, run};
          const auto x = drawn<double>(smooth_field({12}, 1.0), consecutive(first), key);
          for (int l = 0; l < lanes; ++l) fields.emplace_back(x.col(l));
          for (double u : uniforms(key, consecutive(first))) numbers.push_back(u);
        }
  for (std::size_t i = 0; i < fields.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (!(difference(fields[i], fields[j]) > 0.01) || numbers[i] == numbers[j])
        BOOST_ERROR("samples " << i << " and " << j << " are the same");
}

BOOST_AUTO_TEST_CASE(uniform_numbers_are_53_bits_of_the_last_block) {
  const Indices indices = consecutive((std::uint64_t{9} << 32) - 3);
  const SampleKey key{(std::uint64_t{3} << 32) + 8, Purpose::training, 6};
  const auto drawn = uniforms(key, indices);
  for (int l = 0; l < lanes; ++l) {
    const auto words =
        r123::Philox4x32{}({{0xffffffff, static_cast<std::uint32_t>(indices[l]),
                             static_cast<std::uint32_t>(indices[l] >> 32), (1u << 24) + 6}},
                           {{8, 3}});
    const double expected = words[0] * 0x1p-32 + (words[1] >> 11) * 0x1p-53 + 0x1p-53;
    BOOST_TEST(drawn[l] == expected);
  }
}

BOOST_AUTO_TEST_CASE(uniform_numbers_have_the_moments_of_the_unit_interval) {
  test::SampleMeans means(3);
  for (int n = 0; n < test::sample_count(320'000); n += lanes)
    for (double u : uniforms(some_key, consecutive(n))) {
      BOOST_REQUIRE(u > 0.0 && u <= 1.0);
      means.add(Eigen::Array3d(u, u * u, u < 0.01));
    }
  test::check_means(means, Eigen::Array3d(0.5, 1.0 / 3.0, 0.01));
}

BOOST_AUTO_TEST_CASE(nonlinear_fields_are_functions_of_the_latent_fields) {
  for (double gain : {1e-3, 3.0, 1e4, infinity}) {
    const NonlinearGaussianField field = nlgp({5, 6}, gain, 1.5);
    const auto z = drawn<double>(field.latent(), consecutive(0)),
               x = drawn<double>(field, consecutive(0));
    for (int l = 0; l < lanes; ++l)
      for (int i = 0; i < 30; ++i) {
        const double expected =
            std::isinf(gain) ? std::copysign(1.0, z(i, l))
                             : std::erf(gain / std::sqrt(2.0) * z(i, l)) / erf_normalisation(gain);
        BOOST_TEST(std::abs(x(i, l) - expected) < rounding<double>);
      }
  }
}

BOOST_AUTO_TEST_CASE(vanishing_gain_is_the_latent_field_in_both_precisions) {
  for (double gain : {1e-5, 1e-12, 1e-200}) {
    const NonlinearGaussianField field = nlgp({20}, gain, 4.0);
    const auto z = drawn<double>(field.latent(), consecutive(0));
    BOOST_TEST(difference(drawn<float>(field, consecutive(0)), z) < rounding<float>);
    BOOST_TEST(difference(drawn<double>(field, consecutive(0)), z) < 20.0 * gain * gain + 1e-14);
  }
}

BOOST_AUTO_TEST_CASE(a_model_without_lanes_is_drawn_sample_by_sample) {
  OneByOne model{Torus({2, 3})};
  const Indices indices = consecutive(40);
  const auto doubles = drawn<double>(model, indices);
  const auto single = drawn<float>(model, indices);
  for (int l = 0; l < lanes; ++l) {
    RandomStream stream(some_key.seed, some_key.purpose, indices[l], some_key.run);
    Field x(6);
    model.sample(stream, x);
    BOOST_CHECK(doubles.col(l) == x);
    BOOST_CHECK(single.col(l) == x.cast<float>());
  }
}

BOOST_AUTO_TEST_CASE(copies_draw_the_same_bits) {
  for (Input input : inputs()) {
    LaneFields<float> own(input.torus().sites(), lanes);
    input.sample_lanes(some_key, consecutive(0), own);
    BOOST_CHECK(drawn<float>(input, consecutive(0)) == own);
  }
}

BOOST_AUTO_TEST_CASE(another_size_or_a_run_beyond_24_bits_is_refused) {
  GaussianField field = smooth_field({8}, 1.0);
  LaneFields<float> out(7, lanes);
  BOOST_CHECK_THROW(field.sample_lanes(some_key, consecutive(0), out), std::invalid_argument);
  out.resize(8, lanes);
  const SampleKey beyond{1, Purpose::training, 1u << 24};
  BOOST_CHECK_THROW(field.sample_lanes(beyond, consecutive(0), out), std::invalid_argument);
  BOOST_CHECK_THROW(uniforms(beyond, consecutive(0)), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(only_the_first_call_allocates,
                     *boost::unit_test::precondition(test::counting_allocations)) {
  const Indices indices = consecutive(0);
  for (Input input : inputs()) {
    LaneFields<float> single(input.torus().sites(), lanes);
    LaneFields<double> doubles(input.torus().sites(), lanes);
    input.sample_lanes(some_key, indices, single);
    input.sample_lanes(some_key, indices, doubles);
    const std::size_t before = test::allocation_count();
    input.sample_lanes(some_key, indices, single);
    input.sample_lanes(some_key, indices, doubles);
    uniforms(some_key, indices);
    BOOST_TEST(test::allocation_count() == before);
  }
}

BOOST_AUTO_TEST_SUITE_END()
