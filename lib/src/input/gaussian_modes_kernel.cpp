#include "input/gaussian_modes.hpp"
#include "lanes/instruction_sets.hpp"
#include "lanes/polynomial.hpp"

// The Box-Muller transform of a pair of words (v, w):
//
//     u = (v + 1/2) 2^-32,   r = sqrt(-power ln u),   phi = 2 pi (w + 1/2) 2^-32,
//     R = r cos phi,   S = r sin phi.
//
// Logarithm, sine and cosine are their series: whole numbers take the argument of each to where few
// terms do, exactly and without the special cases that a general function has.

namespace popflow {

namespace {

constexpr double pi = 3.14159265358979323846, ln_2 = 0.69314718055994530942;

// How a precision is stored, and how many terms of each series are above its rounding.
template <class Real>
struct Precision;

template <>
struct Precision<float> {
  using Word = std::uint32_t;
  using SignedWord = std::int32_t;
  static constexpr int mantissa_bits = 23;
  static constexpr Word root_half = 0x3f3504f3;  // the bits of 2^(-1/2)
  static constexpr int log_terms = 5;            // next: 0.1716^10 / 11 = 2e-9
  static constexpr int sine_terms = 5;           // next: (pi / 4)^10 / 11! = 2e-9
  static constexpr int cosine_terms = 6;         // next: (pi / 4)^12 / 12! = 1e-10
};

template <>
struct Precision<double> {
  using Word = std::uint64_t;
  using SignedWord = std::int64_t;
  static constexpr int mantissa_bits = 52;
  static constexpr Word root_half = 0x3fe6a09e667f3bcd;
  static constexpr int log_terms = 10;     // next: 0.1716^20 / 21 = 2e-17
  static constexpr int sine_terms = 9;     // next: (pi / 4)^18 / 19! = 1e-19
  static constexpr int cosine_terms = 10;  // next: (pi / 4)^20 / 20! = 3e-21
};

// ln((1 + s) / (1 - s)) / s = sum_k 2 / (2k + 1) s^2k.
template <class Real, int n>
constexpr Coefficients<Real, n> log_series() {
  Coefficients<Real, n> c{};
  for (int k = 0; k < n; ++k) c.values[k] = static_cast<Real>(2.0 / (2 * k + 1));
  return c;
}

// sin(x) / x = sum_k (-1)^k / (2k + 1)! x^2k with odd = 1, cos(x) with odd = 0.
template <class Real, int n>
constexpr Coefficients<Real, n> circular_series(int odd) {
  Coefficients<Real, n> c{};
  double term = 1.0;
  for (int k = 0; k < n; ++k) {
    c.values[k] = static_cast<Real>(term);
    term /= -(2.0 * k + 1.0 + odd) * (2.0 * k + 2.0 + odd);
  }
  return c;
}

template <class Real, class Arch>
struct BoxMuller {
  using Format = Precision<Real>;
  using Batch = xsimd::batch<Real, Arch>;
  using Words = xsimd::batch<typename Format::Word, Arch>;  // 32 random bits each
  using SignedWords = xsimd::batch<typename Format::SignedWord, Arch>;
  static constexpr int word_bits = 8 * sizeof(Real);
  static constexpr std::uint32_t top_bit = 0x80000000;

  static Words bits(const Batch& x) { return same_bits<typename Format::Word>(x); }
  static Batch number(const Words& bits) { return same_bits<Real>(bits); }

  // The value of whole numbers, read as signed.
  static Batch value(const Words& whole) {
    return xsimd::batch_cast<Real>(same_bits<typename Format::SignedWord>(whole));
  }

  // x where the bit 31 of `word` is clear, -x where it is set.
  static Batch with_sign(const Batch& x, const Words& word) {
    const Words sign = (word & Words(top_bit)) << (word_bits - 32);
    return number(bits(x) ^ sign);
  }

  // -ln u. For u > 1/2, single precision would keep few digits of 1 - u, on which the logarithm
  // depends. The smaller of u and 1 - u is therefore formed from the word.
  static Batch minus_log(const Words& word) {
    const Words upper = Words(0) - (word >> 31);  // all bits set where u > 1/2
    const Words lower_half = (word ^ upper) & Words(top_bit - 1);
    const Batch distance = xsimd::fma(value(lower_half), Batch(0x1p-32), Batch(0x1p-33));
    const Batch from_end = with_sign(distance, word);  // u, or u - 1
    const Batch end = number(upper & bits(Batch(1)));  // 0, or 1
    return minus_log(end + from_end, from_end);
  }

  // u = m 2^e with m from 2^(-1/2) to 2^(1/2), and ln m by the series in s = (m - 1) / (m + 1).
  static Batch minus_log(const Batch& u, const Batch& from_end) {
    constexpr int offset = 64;  // keeps the exponent, at least -33, positive
    constexpr typename Format::Word one = 1;
    const Words shifted = bits(u) + Words((one * offset << Format::mantissa_bits));
    const Words exponent = (shifted - Words(Format::root_half)) >> Format::mantissa_bits;
    const Batch m = number(shifted - (exponent << Format::mantissa_bits));
    const Batch e = value(exponent) - Batch(offset);
    const Batch s = xsimd::select(e == Batch(0), from_end, m - Batch(1)) / (m + Batch(1));
    constexpr auto series = log_series<Real, Format::log_terms>();
    return -xsimd::fma(e, Batch(ln_2), s * polynomial(s * s, series));
  }

  struct Direction {
    Batch cosine, sine;
  };

  // phi = k pi / 2 + theta with |theta| <= pi / 4; the quadrant k is the top two bits of
  // w + 2^29 mod 2^32.
  static Direction direction(const Words& word) {
    constexpr std::uint32_t eighth = 0x20000000, quarter = 0x40000000;
    const Words turned = word + Words(eighth);
    const Words remainder = (turned & Words(quarter - 1)) - Words(eighth);
    const Batch theta = xsimd::fma(value(remainder), Batch(2 * pi * 0x1p-32), Batch(pi * 0x1p-32));
    const Batch square = theta * theta;
    constexpr auto sine_series = circular_series<Real, Format::sine_terms>(1);
    constexpr auto cosine_series = circular_series<Real, Format::cosine_terms>(0);
    const Batch sine = theta * polynomial(square, sine_series);
    const Batch cosine = polynomial(square, cosine_series);
    const auto odd = same_lanes<Real>(
        same_bits<typename Format::SignedWord>(turned & Words(quarter)) != SignedWords(0));
    return {with_sign(xsimd::select(odd, sine, cosine), turned + Words(quarter)),
            with_sign(xsimd::select(odd, cosine, sine), turned)};
  }
};

// Lanes 2m and 2m + 1 exchanged.
template <class Batch>
Batch exchanged(const Batch& x, AnyArch) {
  alignas(64) typename Batch::value_type values[Batch::size];
  x.store_aligned(values);
  for (std::size_t l = 0; l < Batch::size; l += 2) {
    const auto even = values[l];
    values[l] = values[l + 1];
    values[l + 1] = even;
  }
  return Batch::load_aligned(values);
}

#if XSIMD_WITH_SSE2
template <class Arch>
xsimd::batch<float, Arch> exchanged(const xsimd::batch<float, Arch>& x, xsimd::sse2) {
  return _mm_shuffle_ps(x, x, 0xb1);
}
template <class Arch>
xsimd::batch<double, Arch> exchanged(const xsimd::batch<double, Arch>& x, xsimd::sse2) {
  return _mm_shuffle_pd(x, x, 0x1);
}
#endif

#if XSIMD_WITH_AVX
template <class Arch>
xsimd::batch<float, Arch> exchanged(const xsimd::batch<float, Arch>& x, xsimd::avx) {
  return _mm256_permute_ps(x, 0xb1);
}
template <class Arch>
xsimd::batch<double, Arch> exchanged(const xsimd::batch<double, Arch>& x, xsimd::avx) {
  return _mm256_permute_pd(x, 0x5);
}
#endif

#if XSIMD_WITH_AVX512F
template <class Arch>
xsimd::batch<float, Arch> exchanged(const xsimd::batch<float, Arch>& x, xsimd::avx512f) {
  return _mm512_permute_ps(x, 0xb1);
}
template <class Arch>
xsimd::batch<double, Arch> exchanged(const xsimd::batch<double, Arch>& x, xsimd::avx512f) {
  return _mm512_permute_pd(x, 0x55);
}
#endif

// i times the complex numbers in lanes (2m, 2m + 1).
template <class Real, class Arch>
xsimd::batch<Real, Arch> times_i(const xsimd::batch<Real, Arch>& x) {
  alignas(64) static constexpr Real minus_even[] = {-1, 1, -1, 1, -1, 1, -1, 1,
                                                    -1, 1, -1, 1, -1, 1, -1, 1};
  return exchanged(x, Arch{}) * xsimd::batch<Real, Arch>::load_aligned(minus_even);
}

template <class Arch>
xsimd::batch<std::uint32_t, Arch> load_words(const std::uint32_t* words, float) {
  return xsimd::batch<std::uint32_t, Arch>::load_aligned(words);
}

template <class Arch>
xsimd::batch<std::uint64_t, Arch> load_words(const std::uint32_t* words, double) {
  using Words = xsimd::batch<std::uint64_t, Arch>;
  alignas(64) std::uint64_t wide[Words::size];
  for (std::size_t l = 0; l < Words::size; ++l) wide[l] = words[l];
  return Words::load_aligned(wide);
}

template <class Real, class Arch>
void draw_mode(const std::uint32_t* words, const GaussianMode<Real>& mode, Real* spectrum) {
  using Transform = BoxMuller<Real, Arch>;
  using Batch = typename Transform::Batch;
  Real* const at_mode = spectrum + static_cast<std::ptrdiff_t>(mode.mode) * lanes;
  Real* const at_opposite = spectrum + static_cast<std::ptrdiff_t>(mode.opposite) * lanes;
  for (std::size_t l = 0; l < lanes; l += Batch::size) {
    const Batch minus_log = Transform::minus_log(load_words<Arch>(words + l, Real{}));
    const auto [cosine, sine] = Transform::direction(load_words<Arch>(words + lanes + l, Real{}));
    const Batch radius = xsimd::sqrt(Batch(mode.power) * minus_log);
    const Batch real = radius * cosine, imaginary = times_i<Real, Arch>(radius * sine);
    const bool is_real = mode.mode == mode.opposite;
    (is_real ? real : real + imaginary).store_aligned(at_mode + l);
    if (!is_real) (real - imaginary).store_aligned(at_opposite + l);
  }
}

}  // namespace

template <class Real>
template <class Arch>
void DrawModes<Real>::operator()(Arch, const std::uint32_t* words, const GaussianMode<Real>* modes,
                                 int count, Real* spectrum) const {
  constexpr std::ptrdiff_t words_of_pair = std::ptrdiff_t{2} * lanes;
  for (int k = 0; k < count; ++k)
    draw_mode<Real, Arch>(words + words_of_pair * modes[k].pair, modes[k], spectrum);
}

template void DrawModes<float>::operator()(KernelArch, const std::uint32_t*,
                                           const GaussianMode<float>*, int, float*) const;
template void DrawModes<double>::operator()(KernelArch, const std::uint32_t*,
                                            const GaussianMode<double>*, int, double*) const;

}  // namespace popflow
