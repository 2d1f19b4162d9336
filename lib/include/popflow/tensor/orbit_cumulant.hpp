#pragma once

#include <functional>
#include <memory>

#include <Eigen/Core>

#include "popflow/moments/orbit_moment.hpp"

namespace popflow {

/// The fourth cumulant of a translation-invariant law of mean zero, estimated without bias from P
/// samples, each standing for all N of its shifts (Eq. 40): a CumulantContraction, O(P N log N).
///
/// Copies share the samples' spectra.
class OrbitCumulant {
 public:
  /// `samples` is N x P, one field a column. Throws std::invalid_argument unless P >= 2 and the
  /// fields have N entries.
  OrbitCumulant(const Torus& torus, const Eigen::MatrixXd& samples);

  const Torus& torus() const { return moment_.torus(); }

  void contract(const Spectrum& u, const Spectrum& v, const Spectrum& w, Spectrum& out) const;
  void contract(const Spectrum& u, Spectrum& out) const;

  /// sum_abc kappa(a, b, c)^2 of the estimate, noise and all (Eq. 41): 1 / N of the whole tensor's.
  /// O(P^2 N log N). Throws Interrupted where `interrupted`, asked by any thread, says so.
  double squared_norm(const std::function<bool()>& interrupted = {}) const;

 private:
  // out -= factor <C u> (v . C w), the mean over pairs of different samples.
  void subtract_pairing(double factor, const Spectrum& u, const Spectrum& v, const Spectrum& w,
                        Spectrum& out) const;
  double moment_squared_norm(const std::function<bool()>& interrupted) const;

  OrbitMoment moment_;
  Field multiplicity_;
  std::shared_ptr<const Eigen::MatrixXd> powers_;  // |x^_p(q)|^2 / N, half_modes() x P
};

}  // namespace popflow
