#pragma once

#include <memory>

#include <Eigen/Core>

#include "popflow/lattice/fourier.hpp"

namespace popflow {

/// The fourth cumulant of a translation-invariant law of mean zero, estimated without bias from P
/// samples, each standing for all N of its shifts (Eq. 40): a CumulantContraction, O(P N log N).
///
/// Copies share the samples' spectra, so that one copy a thread costs little.
class OrbitCumulant {
 public:
  /// `samples` is N x P, one field a column. Throws std::invalid_argument unless P >= 2 and the
  /// fields have N entries.
  OrbitCumulant(const Torus& torus, const Eigen::MatrixXd& samples);

  const Torus& torus() const { return fourier_.torus(); }

  void contract(const Spectrum& u, const Spectrum& v, const Spectrum& w, Spectrum& out);
  void contract(const Spectrum& u, Spectrum& out);

  /// sum_abc kappa(a, b, c)^2 of the estimate, noise and all (Eq. 41): 1 / N of the whole tensor's.
  /// O(P^2 N log N).
  double squared_norm() const;

 private:
  struct Samples {
    Eigen::MatrixXcd spectra;  // half_modes() x P
    Eigen::MatrixXd powers;    // |x^_p(q)|^2 / N, likewise
  };

  // Field s of sample p: sum_j x_p(j + s) u(j).
  void correlate(Eigen::Index p, const Spectrum& u, Field& out);
  // out += x_p * product_.
  void add_sample(Eigen::Index p, Spectrum& out);
  // out -= factor <C u> (v . C w), the mean over pairs of different samples.
  void subtract_pairing(double factor, const Spectrum& u, const Spectrum& v, const Spectrum& w,
                        Spectrum& out);
  double moment_squared_norm() const;

  FourierTransform fourier_;
  Field multiplicity_;
  std::shared_ptr<const Samples> samples_;
  Spectrum modes_;  // scratch
  Field product_, factor_, response_;
  Eigen::VectorXd forms_;
};

}  // namespace popflow
