#pragma once

#include <cstdint>
#include <vector>

#include "popflow/lattice/half_spectrum.hpp"
#include "popflow/moments/cumulant_table.hpp"

namespace popflow {

/// The fourth cumulant in Fourier space. Entries are kept if all four momenta lie in a band |q| <=
/// M along every axis (Eq. 15). They are contracted as a form on pairs of modes (Eq. 16):
///
///     y_s(r1, r4) = 1/N^2 sum_{q2+q3=s} kappa^(-r1, q2, q3) v^(q2) w^(q3)      r1 + r4 = s
///     kappa^_q    = sum_s u^(q - s) y_s(s - q, q)
///
/// kappa^ is real, so s and -s are conjugates; with unordered pairs, a band of m modes costs m^3 /
/// 8 products of a real and a complex number. Nothing is allocated in a contraction.
class BandLimitedCumulant {
 public:
  /// Takes the narrowest band whose truncation error does not exceed `truncation` (>= 0); 0 keeps
  /// every mode. Construction needs memory beside the table: once more as much as the table (times
  /// 1 + 2 / L for an even last extent L, and 1 + 1 / L for an odd one), and what is kept: an
  /// eighth of the table, times the cube of the share of modes in the band.
  explicit BandLimitedCumulant(const CumulantTable& table, double truncation = 0.0);

  const Torus& torus() const { return torus_; }

  /// M.
  int band() const { return band_; }

  /// Relative Frobenius distance between the whole tensor and what was kept.
  double truncation_error() const { return truncation_error_; }

  void contract(const Spectrum& u, const Spectrum& v, const Spectrum& w, Spectrum& out) const;
  void contract(const Spectrum& u, Spectrum& out) const { contract(u, u, u, out); }

 private:
  // An unordered pair of modes, as positions in the band.
  struct Pair {
    std::int32_t first, second;
  };
  // All pairs of one total momentum s, and the symmetric matrix kappa^ / N^2 between them. Only
  // one of s and -s is kept; `weight` is 1/2 where they are the same.
  struct Coupling {
    std::vector<Pair> pairs;
    Eigen::MatrixXd kappa;
    double weight;
  };

  void choose_band(const Eigen::VectorXcd& spectrum, double truncation);
  void couple_pairs(const Eigen::VectorXcd& spectrum);
  // Values of three fields and of the sum, one a mode of the band; real and imaginary parts, one a
  // pair.
  struct Work {
    Spectrum &u, &v, &w, &sum;
    Field &pair_real, &pair_imaginary, &y_real, &y_imaginary;
  };

  void spread(const Spectrum& u, Eigen::VectorXcd& modes) const;
  static void add_coupling(const Coupling& coupling, Work& work);

  Torus torus_;
  int band_ = 0;
  double truncation_error_ = 0.0;
  std::vector<StoredMode> modes_;  // of the band
  std::vector<int> opposite_;      // position of -q in the band
  std::vector<Coupling> couplings_;
  Eigen::Index most_pairs_ = 0;  // of one coupling
};

}  // namespace popflow
