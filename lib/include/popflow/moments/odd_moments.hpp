#pragma once

#include <Eigen/Core>

#include "popflow/moments/four_point.hpp"
#include "popflow/moments/odd_table.hpp"

namespace popflow {

/// E psi(z_1) psi(z_2) for standard normal z_1, z_2 of correlation c, as a function of c: Mehler's
/// series (Eq. 101) to order 401. The part of E psi^2 that is left out is put into the next order,
/// so that the function is exact at c = +-1; its error is 1e-10 for psi with a bent second
/// derivative at 0.
class OddTwoPoint {
 public:
  /// `variance` is E psi^2, as known from elsewhere.
  OddTwoPoint(const OddTable& psi, double variance);

  double operator()(double c) const;

 private:
  Eigen::VectorXd power_;  // squares of the Hermite coefficients 1, 3, 5, ...
};

/// The properties of an odd function psi(z) that a quadrature uses.
struct OddShape {
  double growth = 0.0;  ///< it grows as exp(growth z^2 / 2); below 1/4
  bool kinked = false;  ///< one of its derivatives jumps at 0
};

/// E psi(z_1) psi(z_2) psi(z_3) psi(z_4) for standard normals of given correlations, by the
/// trapezoid rule along the principal axes of these (Eq. 102). For smooth psi of unit variance the
/// absolute error is below 1e-7 (or 1e-7 of E psi^4), growing to 2e-6 as psi approaches a
/// two-peaked law (beta of shape 1/2); for kinked ones it is below 5e-4 where four sites differ,
/// 1e-4 elsewhere. Takes 1 to 2 ms where four sites differ.
class OddFourPoint {
 public:
  OddFourPoint(OddTable psi, const OddShape& shape);

  double operator()(const FourCorrelations& c) const;

 private:
  struct Axis;
  Axis axis_of(double variance, const Eigen::Vector4d& direction, double refinement) const;
  double sum(const Axis* axis, int axes, const Eigen::Array4d& z, double room) const;

  OddTable psi_;
  OddShape shape_;
  double steepness_;
};

}  // namespace popflow
