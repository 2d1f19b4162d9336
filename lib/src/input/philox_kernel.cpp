#include "input/philox.hpp"
#include "lanes/instruction_sets.hpp"

// One round of Philox4x32 maps (c0, c1, c2, c3) to
//
//     (high(M1 c2) ^ c1 ^ k0, low(M1 c2), high(M0 c0) ^ c3 ^ k1, low(M0 c0)),
//
// high and low the halves of a 64-bit product. A 32-bit number is kept in the low half of a 64-bit
// lane, where the hardware multiplies it; what the high half holds is ignored. So a register of
// 32-bit lanes becomes two of 64-bit lanes, its even and its odd lanes.

namespace popflow {

namespace {

constexpr std::uint64_t multiplier[] = {0xd2511f53, 0xcd9e8d57};
constexpr std::uint32_t key_step[] = {0x9e3779b9, 0xbb67ae85};
constexpr int rounds = 10;

template <class Arch>
using Narrow = xsimd::batch<std::uint32_t, Arch>;

template <class Arch>
using Wide = xsimd::batch<std::uint64_t, Arch>;

// Products of the low halves. xsimd multiplies 64 by 64 bits, which takes thrice as long or more.
template <class Arch>
Wide<Arch> product(const Wide<Arch>& a, const Wide<Arch>& b, AnyArch) {
  constexpr std::uint64_t low = 0xffffffff;
  return (a & low) * (b & low);
}

#if XSIMD_WITH_SSE2
template <class Arch>
Wide<Arch> product(const Wide<Arch>& a, const Wide<Arch>& b, xsimd::sse2) {
  return _mm_mul_epu32(a, b);
}
#endif

#if XSIMD_WITH_AVX2
template <class Arch>
Wide<Arch> product(const Wide<Arch>& a, const Wide<Arch>& b, xsimd::avx2) {
  return _mm256_mul_epu32(a, b);
}
#endif

#if XSIMD_WITH_AVX512F
template <class Arch>
Wide<Arch> product(const Wide<Arch>& a, const Wide<Arch>& b, xsimd::avx512f) {
  return _mm512_mul_epu32(a, b);
}
#endif

template <class Arch>
struct Counter {
  Wide<Arch> c0, c1, c2, c3;
};

template <class Arch>
Counter<Arch> next_round(const Counter<Arch>& c, std::uint64_t k0, std::uint64_t k1) {
  const Wide<Arch> p0 = product(c.c0, Wide<Arch>(multiplier[0]), Arch{});
  const Wide<Arch> p1 = product(c.c2, Wide<Arch>(multiplier[1]), Arch{});
  return {(p1 >> 32) ^ c.c1 ^ Wide<Arch>(k0), p1, (p0 >> 32) ^ c.c3 ^ Wide<Arch>(k1), p0};
}

template <class Arch>
Counter<Arch> encrypted(Counter<Arch> c, std::uint32_t k0, std::uint32_t k1) {
  for (int round = 0; round < rounds; ++round) {
    c = next_round<Arch>(c, k0, k1);
    k0 += key_step[0];
    k1 += key_step[1];
  }
  return c;
}

template <class Arch>
Wide<Arch> even_lanes(const std::uint32_t* words) {
  return same_bits<std::uint64_t>(Narrow<Arch>::load_unaligned(words));
}

template <class Arch>
Wide<Arch> odd_lanes(const std::uint32_t* words) {
  return even_lanes<Arch>(words) >> 32;
}

template <class Arch>
void store(const Wide<Arch>& even, const Wide<Arch>& odd, std::uint32_t* words) {
  const Wide<Arch> both = (even & Wide<Arch>(0xffffffff)) | (odd << 32);
  same_bits<std::uint32_t>(both).store_aligned(words);
}

}  // namespace

template <class Arch>
void Philox::operator()(Arch, const PhiloxLanes& in, std::uint32_t first, int count,
                        std::uint32_t* words) const {
  constexpr std::size_t row = lanes;
  const Wide<Arch> stream(in.stream);
  for (int b = 0; b < count; ++b, words += words_of_block) {
    const Wide<Arch> block(first + static_cast<std::uint32_t>(b));
    for (std::size_t l = 0; l < row; l += Narrow<Arch>::size) {
      const std::uint32_t *low = in.index_low + l, *high = in.index_high + l;
      const Counter<Arch> even = encrypted<Arch>(
          {block, even_lanes<Arch>(low), even_lanes<Arch>(high), stream}, in.key[0], in.key[1]);
      const Counter<Arch> odd = encrypted<Arch>(
          {block, odd_lanes<Arch>(low), odd_lanes<Arch>(high), stream}, in.key[0], in.key[1]);
      store<Arch>(even.c0, odd.c0, words + l);
      store<Arch>(even.c1, odd.c1, words + row + l);
      store<Arch>(even.c2, odd.c2, words + 2 * row + l);
      store<Arch>(even.c3, odd.c3, words + 3 * row + l);
    }
  }
}

template void Philox::operator()(KernelArch, const PhiloxLanes&, std::uint32_t, int,
                                 std::uint32_t*) const;

}  // namespace popflow
