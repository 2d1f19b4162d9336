#include "popflow/input/ising_ring.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include <fmt/core.h>

#include "popflow/input/correlation.hpp"

#include "input/check_number.hpp"

namespace popflow {

namespace {

void check(const Torus& torus, double correlation_length) {
  if (torus.dimensions() != 1)
    throw std::invalid_argument(
        fmt::format("Ising ring on a lattice of {} dimensions: must be 1", torus.dimensions()));
  check_positive("correlation length", correlation_length);
}

// (t^arc + t^(N - arc)) / (1 + t^N): of two spins, or of two pairs that are `arc` bonds in all.
double over_either_arc(int arc, int sites, double xi) {
  const auto power = [xi](int bonds) { return std::exp(-bonds / xi); };
  return (power(arc) + power(sites - arc)) / (1.0 + power(sites));
}

}  // namespace

IsingRing::IsingRing(const Torus& torus, double correlation_length)
    : torus_(torus), correlation_length_(correlation_length), covariance_(torus.sites()) {
  check(torus, correlation_length);
  const int n = torus.sites();
  const double xi = correlation_length;
  for (int a = 0; a < n; ++a) covariance_[a] = over_either_arc(a, n, xi);
  spectrum_ = covariance_spectrum(torus, covariance_).cwiseMax(0.0);
  // m bonds lead from the spin before to the first one, the other way round the ring. 1 - t^m by
  // expm1: a difference from 1 would lose a long correlation length.
  const auto sum = [xi](int bonds) { return 1.0 + std::exp(-bonds / xi); };
  const auto difference = [xi](int bonds) { return -std::expm1(-bonds / xi); };
  for (int m = n; m > 1; --m)
    turns_.push_back({difference(1) * difference(m - 1) / (2.0 * sum(m)),
                      difference(1) * sum(m - 1) / (2.0 * difference(m))});
}

double IsingRing::four_point(int a, int b, int c) const {
  std::array<int, 4> site{0, a, b, c};
  std::sort(site.begin(), site.end());
  // Sites that coincide are a gap of 0, and need no formula of their own.
  return over_either_arc(site[1] - site[0] + site[3] - site[2], torus_.sites(),
                         correlation_length_);
}

void IsingRing::sample(RandomStream& stream, Eigen::Ref<Field> out) {
  stream.fill_uniform(out);
  const double first = out[0] <= 0.5 ? 1.0 : -1.0;
  double spin = first;
  out[0] = first;
  for (Eigen::Index i = 1; i < out.size(); ++i) {
    const Turn& turn = turns_[static_cast<std::size_t>(i - 1)];
    if (out[i] <= (spin == first ? turn.equal : turn.opposite)) spin = -spin;
    out[i] = spin;
  }
}

}  // namespace popflow
