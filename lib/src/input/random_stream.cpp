#include "popflow/input/random_stream.hpp"

#include <algorithm>

#include <Random123/boxmuller.hpp>
#include <Random123/philox.h>
#include <Random123/uniform.hpp>

namespace popflow {

namespace {

using Generator = r123::Philox4x64;

}  // namespace

RandomStream::RandomStream(std::uint64_t seed, Purpose purpose, std::uint64_t index,
                           std::uint32_t run)
    : key_{seed, (std::uint64_t{run} << 32) | static_cast<std::uint32_t>(purpose)}, index_(index) {}

RandomStream::Block RandomStream::next_block() {
  const Generator::ctr_type counter{{block_++, index_, 0, 0}};
  const Generator::key_type key{{key_[0], key_[1]}};
  const Generator::ctr_type bits = Generator{}(counter, key);
  return {bits[0], bits[1], bits[2], bits[3]};
}

double RandomStream::uniform() { return r123::u01<double>(next_block()[0]); }

void RandomStream::fill_uniform(Eigen::Ref<Eigen::VectorXd> out) {
  Block bits{};
  for (Eigen::Index i = 0; i < out.size(); ++i) {
    if (i % 4 == 0) bits = next_block();
    out[i] = r123::u01<double>(bits[static_cast<std::size_t>(i % 4)]);
  }
}

void RandomStream::fill_normal(Eigen::Ref<Eigen::VectorXd> out) {
  const Eigen::Index n = out.size();
  for (Eigen::Index i = 0; i < n; i += 4) {
    const Block bits = next_block();
    const auto [x, y] = r123::boxmuller(bits[0], bits[1]);
    const auto [z, w] = r123::boxmuller(bits[2], bits[3]);
    const Eigen::Index count = std::min<Eigen::Index>(4, n - i);
    out.segment(i, count) = Eigen::Vector4d(x, y, z, w).head(count);
  }
}

}  // namespace popflow
