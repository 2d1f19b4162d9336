#pragma once

#include "popflow/moments/orbit_moment.hpp"

namespace popflow {

/// The fourth cumulant of the law of given fields (Eq. 107), a CumulantContraction. Every field
/// stands for all of its shifts, with and without reflection through a site, and for both signs. As
/// an estimate of the cumulant of another law it would be biased; OrbitCumulant is such an
/// estimate.
class EmpiricalCumulant {
 public:
  /// `fields` is N x P, one field a column. Throws std::invalid_argument for other sizes.
  EmpiricalCumulant(const Torus& torus, const Eigen::Ref<const Eigen::MatrixXd>& fields);

  const Torus& torus() const { return moment_.torus(); }

  void contract(const Spectrum& u, const Spectrum& v, const Spectrum& w, Spectrum& out) const;
  void contract(const Spectrum& u, Spectrum& out) const;

 private:
  void subtract_pairing(double factor, const Spectrum& u, const Spectrum& v, const Spectrum& w,
                        Spectrum& out) const;

  OrbitMoment moment_;
  Field multiplicity_, spectrum_;
};

}  // namespace popflow
