#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "popflow/lattice/fourier.hpp"
#include "popflow/moments/fourth_cumulant.hpp"

namespace popflow {

/// Every entry kappa(a, b, c) of a fourth cumulant: N^3 doubles, the oracle among the operators.
///
/// Entries are computed once for each orbit of the symmetries, the 24 permutations of the four
/// sites and inversion, and in parallel; the contraction costs O(N^4).
class CumulantTable {
 public:
  /// Throws std::length_error, stating the size, when the table needs more than `memory_limit`
  /// bytes.
  explicit CumulantTable(const FourthCumulant& kappa,
                         std::size_t memory_limit = std::size_t{2} << 30);

  const Torus& torus() const { return fourier_.torus(); }

  double operator()(int a, int b, int c) const { return values_[index(a, b, c)]; }

  /// All entries, row-major in (a, b, c).
  const Eigen::VectorXd& values() const { return values_; }

  void contract(const Spectrum& u, const Spectrum& v, const Spectrum& w, Spectrum& out);
  void contract(const Spectrum& u, Spectrum& out) { contract(u, u, u, out); }

 private:
  Eigen::Index index(int a, int b, int c) const {
    const Eigen::Index n = torus().sites();
    return (a * n + b) * n + c;
  }

  FourierTransform fourier_;
  Eigen::VectorXd values_;
};

/// One member (a <= b <= c) of every orbit of displacement triples under the 24 permutations of the
/// sites 0, a, b, c and inversion.
std::vector<std::array<int, 3>> cumulant_orbits(const Torus& torus);

/// The members with a <= b <= c of the orbit of (a, b, c): eight, not necessarily distinct.
std::array<std::array<int, 3>, 8> cumulant_orbit(const Torus& torus, int a, int b, int c);

}  // namespace popflow
