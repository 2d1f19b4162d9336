#include "popflow/moments/empirical_cumulant.hpp"

#include "popflow/lattice/half_spectrum.hpp"
#include "popflow/lattice/scratch.hpp"

namespace popflow {

namespace {

// The mean of a moment and of that of the reflected fields. Reflection is complex conjugation of a
// spectrum, so that the latter is the conjugate of the moment with reflected arguments.
void average_reflection(const Spectrum& of_reflected, Spectrum& out) {
  out = 0.5 * (out + of_reflected.conjugate());
}

}  // namespace

EmpiricalCumulant::EmpiricalCumulant(const Torus& torus,
                                     const Eigen::Ref<const Eigen::MatrixXd>& fields)
    : moment_(torus, fields),
      multiplicity_(mode_multiplicity(torus)),
      spectrum_(moment_.spectra().cwiseAbs2().rowwise().mean() / torus.sites()) {}

void EmpiricalCumulant::subtract_pairing(double factor, const Spectrum& u, const Spectrum& v,
                                         const Spectrum& w, Spectrum& out) const {
  const double covariance =
      inner_product(multiplicity_, torus().sites(), v, spectrum_.cwiseProduct(w));
  out.array() -= factor * covariance * spectrum_.array() * u.array();
}

void EmpiricalCumulant::contract(const Spectrum& u, const Spectrum& v, const Spectrum& w,
                                 Spectrum& out) const {
  Scratch scratch;
  const Eigen::Index modes = torus().half_modes();
  Spectrum &reflected_u = scratch.spectrum(modes), &reflected_v = scratch.spectrum(modes),
           &reflected_w = scratch.spectrum(modes), &of_reflected = scratch.spectrum(modes);
  reflected_u = u.conjugate();
  reflected_v = v.conjugate();
  reflected_w = w.conjugate();
  moment_.contract(u, v, w, out);
  moment_.contract(reflected_u, reflected_v, reflected_w, of_reflected);
  average_reflection(of_reflected, out);
  subtract_pairing(1.0, u, v, w, out);
  subtract_pairing(1.0, v, u, w, out);
  subtract_pairing(1.0, w, u, v, out);
}

void EmpiricalCumulant::contract(const Spectrum& u, Spectrum& out) const {
  Scratch scratch;
  Spectrum &reflected_u = scratch.spectrum(u.size()), &of_reflected = scratch.spectrum(u.size());
  reflected_u = u.conjugate();
  moment_.contract(u, out);
  moment_.contract(reflected_u, of_reflected);
  average_reflection(of_reflected, out);
  subtract_pairing(3.0, u, u, u, out);
}

}  // namespace popflow
