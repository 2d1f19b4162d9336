#pragma once

#include <cstdint>
#include <vector>

#include "popflow/lattice/half_spectrum.hpp"
#include "popflow/moments/cumulant_table.hpp"

namespace popflow {

/// The fourth cumulant in Fourier space, kept where all four momenta lie in a band |q| <= M along
/// every axis (Eq. 15):
///
///     kappa^_q[u, v, w] = 1/N^2 sum_{q1+q2+q3=q} kappa^(q1, q2, q3) u^(q1) v^(q2) w^(q3)
///
/// kappa^ is real and symmetric, so unordered triples suffice: O(m^3 / 12) products for a band of m
/// modes. Nothing is allocated in a contraction.
class BandLimitedCumulant {
 public:
  /// Takes the narrowest band whose truncation error does not exceed `truncation` (>= 0); 0 keeps
  /// every mode.
  explicit BandLimitedCumulant(const CumulantTable& table, double truncation = 0.0);

  const Torus& torus() const { return torus_; }

  /// M.
  int band() const { return band_; }

  /// Relative Frobenius distance between the whole tensor and what was kept.
  double truncation_error() const { return truncation_error_; }

  void contract(const Spectrum& u, const Spectrum& v, const Spectrum& w, Spectrum& out);
  void contract(const Spectrum& u, Spectrum& out);

 private:
  // Positions of q1 <= q2 <= q3 among the modes of the band, and
  // kappa^(q1, q2, q3) / N^2 times the number of distinct orders.
  struct Product {
    std::int32_t q1, q2, q3;
    double weight;
  };
  struct Output {
    int index;               // in the half-spectrum
    std::size_t begin, end;  // its products
  };

  void choose_band(const Eigen::VectorXd& spectrum, double truncation);
  void list_products(const Eigen::VectorXd& spectrum);
  void spread(const Spectrum& u, Eigen::VectorXcd& modes) const;

  Torus torus_;
  int band_ = 0;
  double truncation_error_ = 0.0;
  std::vector<StoredMode> modes_;  // of the band
  std::vector<Product> products_;
  std::vector<Output> outputs_;
  Eigen::VectorXcd u_, v_, w_;  // scratch: a value a mode of the band
};

}  // namespace popflow
