#pragma once

#include <cmath>
#include <vector>

#include "popflow/input/correlation.hpp"
#include "popflow/input/nonlinear_gaussian_field.hpp"

namespace popflow::test {

/// exp(-(down row^2 + right column^2 + 2 cross row column)), periodised and normalised: a
/// covariance where the form is positive. It lacks the reflections of single axes where `cross` is
/// not 0, and the exchange of the axes where `down` is not `right`.
inline Field quadratic_correlation(const Torus& torus, double down, double right, double cross) {
  constexpr int images = 12;  // exp(-0.2 (12 * 2)^2) is below rounding
  Field correlation = Field::Zero(torus.sites());
  for (int a = 0; a < torus.sites(); ++a)
    for (int m = -images; m <= images; ++m)
      for (int n = -images; n <= images; ++n) {
        const auto [row, column] = torus.coordinates(a);
        const double r = row + m * torus.rows(), c = column + n * torus.columns();
        correlation[a] += std::exp(-(down * r * r + right * c * c + 2.0 * cross * r * c));
      }
  return (correlation / correlation[0]).cwiseMin(1.0);
}

/// The non-linear Gaussian field of gain `gain` over a periodised Gaussian correlation of length
/// `xi`.
inline NonlinearGaussianField nlgp(const std::vector<int>& shape, double gain, double xi) {
  const Torus torus(shape);
  return {GaussianField(torus, gaussian_correlation(torus, xi)), gain};
}

/// The same over a quadratic_correlation.
inline NonlinearGaussianField skew_nlgp(const std::vector<int>& shape, double gain, double down,
                                        double right, double cross) {
  const Torus torus(shape);
  return {GaussianField(torus, quadratic_correlation(torus, down, right, cross)), gain};
}

}  // namespace popflow::test
