#include <algorithm>
#include <cstdint>
#include <vector>

#include <Random123/philox.h>
#include <boost/test/unit_test.hpp>

#include "each_instruction_set.hpp"
#include "input/philox.hpp"

BOOST_AUTO_TEST_SUITE(philox)

using namespace popflow;

namespace {

// Numbers with bits everywhere, different in every lane.
PhiloxLanes some_lanes() {
  PhiloxLanes result{{}, {}, 0x03a5c3f1, {0x89abcdef, 0xfedc3210}};
  for (std::uint32_t l = 0; l < lanes; ++l) {
    result.index_low[l] = 0x9e3779b9 * (l + 1);
    result.index_high[l] = l % 3 == 0 ? 0 : 0x7f4a7c15 * l;
  }
  return result;
}

r123::Philox4x32::ctr_type expected(const PhiloxLanes& in, std::uint32_t block, int lane) {
  return r123::Philox4x32{}({{block, in.index_low[lane], in.index_high[lane], in.stream}},
                            {{in.key[0], in.key[1]}});
}

struct alignas(64) Blocks {
  std::uint32_t words[3 * words_of_block];
};

}  // namespace

BOOST_AUTO_TEST_CASE(words_are_those_of_random123_in_every_instruction_set) {
  const PhiloxLanes in = some_lanes();
  test::in_each_instruction_set([&](auto arch) {
    for (std::uint32_t first : {0u, 7u, 0xfffffffdu}) {
      Blocks blocks;
      Philox{}(arch, in, first, 3, blocks.words);
      for (int b = 0; b < 3; ++b)
        for (int l = 0; l < lanes; ++l) {
          const auto words = expected(in, first + static_cast<std::uint32_t>(b), l);
          for (int w = 0; w < 4; ++w)
            BOOST_TEST(blocks.words[(4 * b + w) * lanes + l] == words[static_cast<std::size_t>(w)],
                       arch.name() << ": word " << w << " of block " << b << ", lane " << l);
        }
    }
  });
}

BOOST_AUTO_TEST_CASE(only_the_blocks_asked_for_are_written) {
  test::in_each_instruction_set([](auto arch) {
    Blocks blocks;
    std::fill(std::begin(blocks.words), std::end(blocks.words), 5u);
    Philox{}(arch, some_lanes(), 0, 2, blocks.words);
    BOOST_TEST(std::all_of(blocks.words + 2 * words_of_block, std::end(blocks.words),
                           [](std::uint32_t word) { return word == 5; }));
  });
}

BOOST_AUTO_TEST_SUITE_END()
