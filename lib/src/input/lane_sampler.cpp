#include "popflow/input/lane_sampler.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/core.h>

#include "popflow/lattice/half_spectrum.hpp"

#include "input/gaussian_modes.hpp"
#include "input/philox_lanes.hpp"
#include "lanes/dispatch.hpp"

namespace popflow {

namespace {

constexpr double least_power = 0x1p-48;  // of a mode that is drawn, relative to the largest

// 32 blocks of random words of all lanes are 8 kB: a quarter of the fastest cache.
constexpr int blocks_of_portion = 32, pairs_of_block = 2,
              pairs_of_portion = pairs_of_block * blocks_of_portion;

// (N |q / L|)^2, a whole number.
std::int64_t squared_wave_number(const Torus& torus, int q) {
  const auto [row, column] = torus.coordinates(q);
  const std::int64_t down = std::min(row, torus.rows() - row),
                     right = std::min(column, torus.columns() - column);
  const std::int64_t x = down * torus.columns(), y = right * torus.rows();
  return x * x + y * y;
}

// One mode of each pair q, -q, from the longest wave to the shortest. The modes of a smooth field
// are then the first ones, and the random words of the others need not be drawn. The order is that
// of wave numbers and not of power: which words belong to a mode must not depend on the rounding of
// a spectrum.
std::vector<int> modes_by_wavelength(const Torus& torus) {
  std::vector<int> modes;
  for (int q = 0; q < torus.sites(); ++q)
    if (q <= torus.negate(q)) modes.push_back(q);
  std::stable_sort(modes.begin(), modes.end(), [&](int p, int q) {
    return squared_wave_number(torus, p) < squared_wave_number(torus, q);
  });
  return modes;
}

}  // namespace

template <class Real>
LaneSampler<Real>::LaneSampler(const Torus& torus, const Field& spectrum)
    : fourier_(torus),
      words_(std::size_t{blocks_of_portion} * words_of_block),
      modes_(static_cast<std::size_t>(torus.sites()) * lanes) {
  const Field power = full_spectrum(torus, spectrum) / torus.sites();
  const double least = least_power * power.maxCoeff();
  int pair = 0;
  for (int q : modes_by_wavelength(torus)) {
    const int own = pair++, opposite = torus.negate(q);
    if (!(power[q] > least)) continue;
    // E |f^(q) / N|^2 = S(q) / N, all of it in the real part where q = -q.
    const double own_power = q == opposite ? 2.0 * power[q] : power[q];
    portion_of(own).modes.push_back(
        {own % pairs_of_portion, q, opposite, static_cast<Real>(own_power)});
  }
}

template <class Real>
typename LaneSampler<Real>::Portion& LaneSampler<Real>::portion_of(int pair) {
  const int first = pair / pairs_of_portion * blocks_of_portion;
  if (portions_.empty() || portions_.back().first_block != first)
    portions_.push_back({first, 0, {}});
  Portion& portion = portions_.back();
  portion.blocks = pair / pairs_of_block - first + 1;
  return portion;
}

template <class Real>
void LaneSampler<Real>::sample(const SampleKey& key, LaneIndices indices, LaneView<Real> out) {
  if (static_cast<std::size_t>(out.size()) != modes_.size())
    throw std::invalid_argument(
        fmt::format("fields of {} sites: the lattice has {}", out.rows(), modes_.size() / lanes));
  const PhiloxLanes counters = philox_lanes(key, indices);
  for (const Portion& portion : portions_) {
    dispatch(Philox{}, counters, portion.first_block, portion.blocks, words_.data());
    dispatch(DrawModes<Real>{}, words_.data(), portion.modes.data(),
             static_cast<int>(portion.modes.size()), modes_.data());
  }
  fourier_.sum(modes_.data(), out.data());
}

template class LaneSampler<float>;
template class LaneSampler<double>;

}  // namespace popflow
