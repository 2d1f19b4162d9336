#pragma once

#include <cstddef>

#include "popflow/lattice/fourier.hpp"
#include "popflow/moments/fourth_cumulant.hpp"

namespace popflow {

/// Every entry kappa(a, b, c) of a fourth cumulant: N^3 doubles, the oracle among the operators.
///
/// The closed form is evaluated once for each orbit of the symmetries, at the least member of the
/// orbit. The symmetries are the 24 permutations of the four sites, inversion, and those that
/// `kappa` states. Orbits are found while they are computed, in parallel, so that only the table
/// and a few numbers for each site are held. Entries have the same bits on any number of threads.
/// The contraction costs O(N^4).
class CumulantTable {
 public:
  /// Throws std::length_error, before anything is allocated or computed, when the N^3 doubles need
  /// more than `memory_limit` bytes; it states both sizes.
  explicit CumulantTable(const FourthCumulant& kappa,
                         std::size_t memory_limit = std::size_t{2} << 30);

  const Torus& torus() const { return fourier_.torus(); }

  double operator()(int a, int b, int c) const { return values_[index(a, b, c)]; }

  /// All entries, row-major in (a, b, c).
  const Eigen::VectorXd& values() const { return values_; }

  /// sum_abc kappa(a, b, c)^2: one N-th of the squared Frobenius norm of the whole tensor.
  double squared_norm() const { return values_.squaredNorm(); }

  void contract(const Spectrum& u, const Spectrum& v, const Spectrum& w, Spectrum& out) const;
  void contract(const Spectrum& u, Spectrum& out) const { contract(u, u, u, out); }

 private:
  Eigen::Index index(int a, int b, int c) const {
    const Eigen::Index n = torus().sites();
    return (a * n + b) * n + c;
  }

  FourierTransform fourier_;
  Eigen::VectorXd values_;
};

}  // namespace popflow
