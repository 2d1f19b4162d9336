#pragma once

#include <vector>

#include "popflow/input/random_stream.hpp"
#include "popflow/lattice/torus.hpp"

namespace popflow {

/// The nearest-neighbour Ising model in thermal equilibrium on a ring: spins x_i = +-1 with
/// P(x) ~ exp(beta J sum_i x_i x_{i+1}). It is set by the correlation length xi of the infinite
/// chain, tanh(beta J) = t = exp(-1 / xi). All moments are those of the finite ring (Eq. 103, 104),
/// exact up to rounding.
class IsingRing {
 public:
  /// Throws std::invalid_argument unless the lattice is a ring and the correlation length positive
  /// and finite.
  IsingRing(const Torus& torus, double correlation_length);

  const Torus& torus() const { return torus_; }

  /// In lattice sites.
  double correlation_length() const { return correlation_length_; }

  /// E x_0 x_a over displacements (Eq. 103), N entries, and its spectrum, half_modes() entries.
  const Field& covariance() const { return covariance_; }
  const Field& spectrum() const { return spectrum_; }

  /// E x_0 x_a x_b x_c (Eq. 104).
  double four_point(int a, int b, int c) const;

  /// Draws one field into `out`, N entries. Sampling is exact: spin after spin, each given the spin
  /// before it and the first spin, to which the ring returns (Eq. 105).
  void sample(RandomStream& stream, Eigen::Ref<Field> out);

 private:
  // The probability that a spin differs from the spin before it: if that spin equals the first
  // spin, and if it is opposite to the first spin.
  struct Turn {
    double equal, opposite;
  };

  Torus torus_;
  double correlation_length_;
  Field covariance_;
  Field spectrum_;
  std::vector<Turn> turns_;  // of spins 1, ..., N - 1
};

}  // namespace popflow
