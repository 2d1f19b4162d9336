#include "popflow/moments/empirical_cumulant.hpp"

#include "popflow/lattice/half_spectrum.hpp"
#include "popflow/lattice/scratch.hpp"

namespace popflow {

namespace {

// The mean of a moment and of that of the reflected fields. Reflection is complex conjugation of a
// spectrum, so that the latter is the conjugate of the moment with reflected arguments. These are
// u, or u, v and w.
template <class... Spectra>
void contract_with_reflections(const OrbitMoment& moment, Spectrum& out,
                               const Spectra&... arguments) {
  Scratch scratch;
  const auto reflected = [&scratch](const Spectrum& u) -> const Spectrum& {
    return scratch.spectrum(u.size()) = u.conjugate();
  };
  Spectrum& of_reflected = scratch.spectrum(out.size());
  moment.contract(arguments..., out);
  moment.contract(reflected(arguments)..., of_reflected);
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
  contract_with_reflections(moment_, out, u, v, w);
  subtract_pairing(1.0, u, v, w, out);
  subtract_pairing(1.0, v, u, w, out);
  subtract_pairing(1.0, w, u, v, out);
}

void EmpiricalCumulant::contract(const Spectrum& u, Spectrum& out) const {
  contract_with_reflections(moment_, out, u);
  subtract_pairing(3.0, u, u, u, out);
}

}  // namespace popflow
