#include "popflow/moments/empirical_cumulant.hpp"

#include <utility>

#include "popflow/lattice/half_spectrum.hpp"

namespace popflow {

EmpiricalCumulant::EmpiricalCumulant(const Torus& torus,
                                     const Eigen::Ref<const Eigen::MatrixXd>& fields)
    : moment_(torus, fields),
      multiplicity_(mode_multiplicity(torus)),
      spectrum_(moment_.spectra().cwiseAbs2().rowwise().mean() / torus.sites()),
      arguments_(3, Spectrum(torus.half_modes())),
      reflected_(torus.half_modes()) {}

// Reflection is complex conjugation of a spectrum, so that the moment of the reflected fields is
// the conjugate of that with the reflected arguments.
void EmpiricalCumulant::average_reflection(Spectrum& out) {
  out = 0.5 * (out + reflected_.conjugate());
}

void EmpiricalCumulant::subtract_pairing(double factor, const Spectrum& u, const Spectrum& v,
                                         const Spectrum& w, Spectrum& out) const {
  const double covariance =
      inner_product(multiplicity_, torus().sites(), v, spectrum_.cwiseProduct(w));
  out.array() -= factor * covariance * spectrum_.array() * u.array();
}

void EmpiricalCumulant::contract(const Spectrum& u, const Spectrum& v, const Spectrum& w,
                                 Spectrum& out) {
  moment_.contract(u, v, w, out);
  for (const auto& [n, argument] : {std::pair{0U, &u}, {1U, &v}, {2U, &w}})
    arguments_[n] = argument->conjugate();
  moment_.contract(arguments_[0], arguments_[1], arguments_[2], reflected_);
  average_reflection(out);
  subtract_pairing(1.0, u, v, w, out);
  subtract_pairing(1.0, v, u, w, out);
  subtract_pairing(1.0, w, u, v, out);
}

void EmpiricalCumulant::contract(const Spectrum& u, Spectrum& out) {
  moment_.contract(u, out);
  arguments_[0] = u.conjugate();
  moment_.contract(arguments_[0], reflected_);
  average_reflection(out);
  subtract_pairing(3.0, u, u, u, out);
}

}  // namespace popflow
