#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <numbers>
#include <type_traits>

#include <boost/test/unit_test.hpp>

#include "each_instruction_set.hpp"
#include "input/gaussian_modes.hpp"
#include "input/squash.hpp"

BOOST_AUTO_TEST_SUITE(gaussian_modes)

using namespace popflow;

namespace {

// For two modes of size up to 9.6 each: eight roundings of half an epsilon in every direction. In
// double precision the expected angle has as many again.
template <class Real>
constexpr double rounding_of_modes = 80.0 * std::numeric_limits<Real>::epsilon();

// Of erf, relative: a ratio of polynomials; xsimd's, in double precision, is right to 8e-15.
template <class Real>
constexpr double rounding_of_erf =
    (std::is_same_v<Real, float> ? 8.0 : 50.0) * std::numeric_limits<Real>::epsilon();

struct alignas(64) Words {
  std::uint32_t words[2 * lanes];
};

template <class Real>
struct alignas(64) Modes {
  Real values[3 * lanes];
};

// Both ends of the unit interval, its middle, where quadrants and octants meet, and others.
constexpr std::uint32_t telling_words[] = {0u,          1u,          5u,          0x1fffffffu,
                                           0x20000000u, 0x3fffffffu, 0x40000000u, 0x7fffffffu,
                                           0x80000000u, 0xb504f333u, 0xb504f334u, 0xdeadbeefu,
                                           0xe0000000u, 0xffffff00u, 0xfffffffeu, 0xffffffffu};
static_assert(std::size(telling_words) == lanes);

// Every lane has its own angle, and its radius from the lane `shift` further.
Words words_with_radius(int shift) {
  Words result;
  for (int l = 0; l < lanes; ++l) {
    result.words[l] = telling_words[(l + shift) % lanes];
    result.words[lanes + l] = telling_words[l];
  }
  return result;
}

double uniform(std::uint32_t word) { return (word + 0.5) * 0x1p-32; }

// sqrt(-ln u) exp(i phi)
std::complex<double> normal(const Words& words, int lane) {
  return std::polar(std::sqrt(-std::log(uniform(words.words[lane]))),
                    2.0 * std::numbers::pi * uniform(words.words[lanes + lane]));
}

// Real fields f and g in the lanes 2m and 2m + 1: f^ + i g^.
std::complex<double> shared(std::complex<double> f, std::complex<double> g) {
  return f + std::complex<double>(0.0, 1.0) * g;
}

template <class Real, class Arch>
void check_mode(Arch arch, const Words& words) {
  Modes<Real> drawn;
  std::fill(std::begin(drawn.values), std::end(drawn.values), Real{7});
  const GaussianMode<Real> mode{0, 2, 1, Real{4}};
  DrawModes<Real>{}(arch, words.words, &mode, 1, drawn.values);
  for (int m = 0; m < lanes; m += 2) {
    const std::complex<double> f = 2.0 * normal(words, m), g = 2.0 * normal(words, m + 1);
    const auto at = [&](int row) {
      return std::complex<double>(drawn.values[row * lanes + m], drawn.values[row * lanes + m + 1]);
    };
    BOOST_TEST(std::abs(at(2) - shared(f, g)) < rounding_of_modes<Real>, arch.name() << " " << m);
    BOOST_TEST(std::abs(at(1) - shared(std::conj(f), std::conj(g))) < rounding_of_modes<Real>);
    BOOST_CHECK(at(0) == std::complex<double>(7.0, 7.0));
  }
}

template <class Real, class Arch>
void check_erf(Arch arch) {
  for (double end : {1e-30, 1e-3, 0.5, 3.0, 4.5, 1e6}) {
    Real values[lanes];
    for (int l = 0; l < lanes; ++l) values[l] = static_cast<Real>(end * (l - 7.5) / 8.0);
    Real squashed[lanes];
    std::copy_n(values, lanes, squashed);
    Squash<Real>{}(arch, Real{0.75}, Real{1.5}, squashed, lanes);
    for (int l = 0; l < lanes; ++l) {
      const double exact = 1.5 * std::erf(0.75 * static_cast<double>(values[l]));
      BOOST_TEST(std::abs(squashed[l] - exact) <= rounding_of_erf<Real> * std::abs(exact),
                 arch.name() << " at " << values[l] << ": " << squashed[l] << ", " << exact);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(modes_are_the_box_muller_transform_of_their_words) {
  test::in_each_instruction_set([](auto arch) {
    for (int shift = 0; shift < lanes; ++shift) {
      check_mode<float>(arch, words_with_radius(shift));
      check_mode<double>(arch, words_with_radius(shift));
    }
  });
}

BOOST_AUTO_TEST_CASE(a_mode_that_is_its_own_opposite_is_real) {
  test::in_each_instruction_set([](auto arch) {
    const Words words = words_with_radius(3);
    Modes<double> drawn;
    const GaussianMode<double> mode{0, 1, 1, 2.0};
    DrawModes<double>{}(arch, words.words, &mode, 1, drawn.values);
    for (int l = 0; l < lanes; ++l)
      BOOST_TEST(std::abs(drawn.values[lanes + l] - std::sqrt(2.0) * normal(words, l).real()) <
                 rounding_of_modes<double>);
  });
}

BOOST_AUTO_TEST_CASE(the_squashing_function_is_erf_in_every_instruction_set) {
  test::in_each_instruction_set([](auto arch) {
    check_erf<float>(arch);
    check_erf<double>(arch);
  });
}

BOOST_AUTO_TEST_SUITE_END()
