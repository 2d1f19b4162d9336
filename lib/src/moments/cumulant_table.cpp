#include "popflow/moments/cumulant_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "popflow/lattice/symmetry.hpp"
#include "popflow/threads/parallel_for.hpp"

namespace popflow {

namespace {

using Triple = std::array<int, 3>;

Triple sorted(int a, int b, int c) {
  const int low = std::min(a, b), high = std::max(a, b);
  return {std::min(low, c), std::max(low, std::min(high, c)), std::max(high, c)};
}

// The orbits of displacement triples under the permutations of the sites 0, a, b, c and the maps of
// the lattice. Permutations that keep the first site sort the triple: what remains is which site
// comes first, and the maps.
class Orbits {
 public:
  Orbits(const Torus& torus, const LatticeSymmetry& symmetry)
      : torus_(torus), maps_(displacement_maps(torus, symmetry)) {
    for (int d = 0; d < torus.sites(); ++d) coordinates_.push_back(torus.coordinates(d));
  }

  // The members with a <= b <= c, not necessarily different, numbered from 0.
  int members() const { return 4 * static_cast<int>(maps_.size()); }
  Triple member(const Triple& triple, int number) const {
    std::array<int, 4> sites{0, triple[0], triple[1], triple[2]};
    std::swap(sites[0], sites[number % 4]);
    const std::vector<int>& map = maps_[number / 4];
    return sorted(map[difference(sites[1], sites[0])], map[difference(sites[2], sites[0])],
                  map[difference(sites[3], sites[0])]);
  }

  bool is_least(const Triple& triple) const {
    for (int number = 1; number < members(); ++number)
      if (member(triple, number) < triple) return false;
    return true;
  }

 private:
  // The displacement that leads from a site to another, without divisions: they would cost more
  // than everything else.
  int difference(int to, int from) const {
    const int row = coordinates_[to][0] - coordinates_[from][0],
              column = coordinates_[to][1] - coordinates_[from][1];
    return (row < 0 ? row + torus_.rows() : row) * torus_.columns() +
           (column < 0 ? column + torus_.columns() : column);
  }

  Torus torus_;
  std::vector<std::vector<int>> maps_;
  std::vector<std::array<int, 2>> coordinates_;
};

// The torus, if its table may be allocated. Sizes are rounded away from each other, so that they
// never look the same.
const Torus& affordable(const Torus& torus, std::size_t memory_limit) {
  const double needed = 8.0 * std::pow(static_cast<double>(torus.sites()), 3),
               allowed = static_cast<double>(memory_limit), tenth_of_gib = std::exp2(30) / 10.0;
  if (needed > allowed)
    throw std::length_error(fmt::format(
        "the cumulant table of {} sites needs {:.1f} GiB: at most {:.1f} GiB are allowed",
        torus.sites(), std::ceil(needed / tenth_of_gib) / 10.0,
        std::floor(allowed / tenth_of_gib) / 10.0));
  return torus;
}

// u_{i + a} for all a.
Field seen_from(const Torus& torus, const Field& u, int i) {
  return shifted(torus, u, torus.negate(i));
}

}  // namespace

CumulantTable::CumulantTable(const FourthCumulant& kappa, std::size_t memory_limit)
    : fourier_(affordable(kappa.torus(), memory_limit)) {
  const Eigen::Index n = torus().sites();
  const Orbits orbits(torus(), kappa.symmetry());
  values_.resize(n * n * n);
  const auto fill = [&](Eigen::Index ab) {
    const int a = static_cast<int>(ab / n), b = static_cast<int>(ab % n);
    if (a > b) return;
    for (int c = b; c < n; ++c) {
      const Triple triple{a, b, c};
      if (!orbits.is_least(triple)) continue;
      const double value = kappa(a, b, c);
      for (int number = 0; number < orbits.members(); ++number) {
        Triple member = orbits.member(triple, number);
        do values_[index(member[0], member[1], member[2])] = value;
        while (std::next_permutation(member.begin(), member.end()));
      }
    }
  };
  parallel_for(n * n, fill, {.grain = 16});
}

void CumulantTable::contract(const Spectrum& u, const Spectrum& v, const Spectrum& w,
                             Spectrum& out) const {
  using Slice =
      Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
  const Field u_field = fourier_.backward(u), v_field = fourier_.backward(v),
              w_field = fourier_.backward(w);
  const int n = torus().sites();
  Field result(n);
  for (int i = 0; i < n; ++i) {
    const Field ui = seen_from(torus(), u_field, i), vi = seen_from(torus(), v_field, i),
                wi = seen_from(torus(), w_field, i);
    const Slice kappa(values_.data(), Eigen::Index{n} * n, n);  // rows (a, b), columns c
    const Eigen::VectorXd over_c = kappa * wi;
    result[i] = ui.dot(Slice(over_c.data(), n, n) * vi);
  }
  fourier_.forward(result, out);
}

}  // namespace popflow
