#pragma once

#include <vector>

#include <Eigen/Core>

#include "popflow/lattice/fourier.hpp"
#include "popflow/network/network.hpp"

namespace popflow {

/// The first-layer weights of K neurons in Fourier space, where translation-invariant covariances
/// are diagonal. After construction nothing is allocated.
class WeightSpectra {
 public:
  /// Throws std::invalid_argument for hidden < 1.
  WeightSpectra(const Torus& torus, Eigen::Index hidden);

  const Torus& torus() const { return fourier_.torus(); }
  Eigen::Index hidden() const { return static_cast<Eigen::Index>(spectra_.size()); }

  /// Takes the weights of `at`. Throws std::invalid_argument unless they are K x N.
  void load(const Parameters& at);

  /// The half-spectrum of u_k.
  const Spectrum& operator[](Eigen::Index k) const { return spectra_[static_cast<std::size_t>(k)]; }

  /// Q_kl = u_k . C u_l, K x K, for the covariance C of spectrum S, half_modes() entries.
  void covariances(const Field& S, Eigen::MatrixXd& Q);

  /// u_k . f, for the half-spectrum of a field f.
  double inner_product(Eigen::Index k, const Spectrum& f) const;

  /// Starts a sum over fields at zero, one field a neuron.
  void start_sum();

  /// Adds sum_l W_kl C u_l to the sum of every neuron k.
  void add_filtered(const Eigen::MatrixXd& W, const Field& S);

  /// Adds factor f to the sum of neuron k, for the half-spectrum of f.
  void add(Eigen::Index k, double factor, const Spectrum& f);

  /// Adds the sums to the rows of the first layer.
  void add_sum_to(Parameters& out);

 private:
  FourierTransform fourier_;
  Field multiplicity_;  // of modes, over N
  std::vector<Spectrum> spectra_, sums_;
  Spectrum filtered_;
  Field field_;
};

}  // namespace popflow
