#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <boost/math/constants/constants.hpp>
#include <boost/math/quadrature/tanh_sinh.hpp>

#include "popflow/moments/four_point.hpp"

namespace popflow::test {

/// The four-point function of the erf field, written straight from Plackett's formula with no
/// thought for cancellation, in a type that has digits to spare.
template <class Real>
class PlackettReference {
 public:
  PlackettReference(const FourCorrelations& c, Real gain) {
    using std::asin;
    const Real g2 = gain * gain;
    const Real rho = g2 / (1 + g2);
    const Real latent[4][4] = {{1, c.c12, c.c13, c.c14},
                               {c.c12, 1, c.c23, c.c24},
                               {c.c13, c.c23, 1, c.c34},
                               {c.c14, c.c24, c.c34, 1}};
    for (int a = 0; a < 4; ++a)
      for (int b = 0; b < 4; ++b) rho_[a][b] = a == b ? Real(1) : Real(rho * latent[a][b]);
    normalisation_ = asin(rho) * asin(rho);
  }

  /// d/dt of Z^4 times the four-point function over Z^4, (2/pi)^2 cancelling.
  Real integrand(const Real& t) const {
    return (term(t, 1, 2, 3) + term(t, 2, 1, 3) + term(t, 3, 1, 2)) / normalisation_;
  }

  /// The integral over t in [0, 1], to relative accuracy `tolerance`.
  Real value(const Real& tolerance) const {
    boost::math::quadrature::tanh_sinh<Real> integrator;
    return integrator.integrate([this](const Real& t) { return integrand(t); }, Real(0), Real(1),
                                tolerance);
  }

 private:
  Real term(const Real& t, int j, int k, int l) const {
    using std::asin;
    using std::sqrt;
    const Real a = t * rho_[0][j], p = t * rho_[0][k], s = t * rho_[0][l];
    const Real d = 1 - a * a;
    const Real covariance = conditional(rho_[k][l], a, d, p, rho_[j][k], s, rho_[j][l]);
    const Real variance_k = conditional(Real(1), a, d, p, rho_[j][k], p, rho_[j][k]);
    const Real variance_l = conditional(Real(1), a, d, s, rho_[j][l], s, rho_[j][l]);
    const Real r = covariance / sqrt(variance_k * variance_l);
    return rho_[0][j] / sqrt(d) * asin(r);
  }

  // Covariance of two signs given signs 1 and j: x and y are their correlations with those two,
  // `a` that of 1 with j, d = 1 - a^2.
  static Real conditional(const Real& joint, const Real& a, const Real& d, const Real& x1,
                          const Real& xj, const Real& y1, const Real& yj) {
    return joint - (x1 * y1 - a * (x1 * yj + xj * y1) + xj * yj) / d;
  }

  Real rho_[4][4];
  Real normalisation_;
};

}  // namespace popflow::test
