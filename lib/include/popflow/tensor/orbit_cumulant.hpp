#pragma once

#include <functional>
#include <memory>

#include <Eigen/Core>

#include "popflow/moments/orbit_moment.hpp"

namespace popflow {

/// An unbiased estimate of the fourth cumulant of a translation-invariant law of mean zero, from P
/// samples. Each sample stands for all of its N shifts (Eq. 40). A CumulantContraction in O(P N log
/// N).
///
/// Copies share the spectra of the samples.
class OrbitCumulant {
 public:
  /// `samples` is N x P, one field per column. Throws std::invalid_argument unless P >= 2 and the
  /// fields have N entries.
  OrbitCumulant(const Torus& torus, const Eigen::MatrixXd& samples);

  const Torus& torus() const { return moment_.torus(); }

  void contract(const Spectrum& u, const Spectrum& v, const Spectrum& w, Spectrum& out) const;
  void contract(const Spectrum& u, Spectrum& out) const;

  /// sum_abc kappa(a, b, c)^2 of the estimate, including its noise (Eq. 41). It is 1 / N of the
  /// squared norm of the whole tensor. O(P^2 N log N). Any thread may ask `interrupted`; throws
  /// Interrupted if it returns true.
  double squared_norm(const std::function<bool()>& interrupted = {}) const;

 private:
  // out -= factor <C_p u (v . C_p' w)>, the mean over all pairs of different samples p and p'.
  void subtract_pairing(double factor, const Spectrum& u, const Spectrum& v, const Spectrum& w,
                        Spectrum& out) const;
  double moment_squared_norm(const std::function<bool()>& interrupted) const;

  OrbitMoment moment_;
  Field multiplicity_;
  std::shared_ptr<const Eigen::MatrixXd> powers_;  // |x^_p(q)|^2 / N, half_modes() x P
};

}  // namespace popflow
