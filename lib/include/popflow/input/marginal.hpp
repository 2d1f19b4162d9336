#pragma once

#include "popflow/moments/odd_moments.hpp"

namespace popflow {

/// Symmetric laws of one number.
enum class MarginalFamily {
  uniform,             ///< on an interval; no shape
  laplace,             ///< density ~ exp(-|x|); no shape
  generalised_normal,  ///< density ~ exp(-|x|^shape): Laplace at 1, normal at 2, uniform at
                       ///< infinity
  beta,                ///< density ~ (1 - x^2)^(shape - 1): two-peaked below 1, uniform at 1
  student_t            ///< of `shape` degrees of freedom
};

/// One of them, scaled to unit variance.
struct Marginal {
  MarginalFamily family;
  double shape = 1.0;
};

/// The shapes that a family takes; those outside have no fourth moment, a density with a cusp at 0,
/// or moments that the quadrature of OddFourPoint does not resolve. Families without a
/// shape leave it at 1.
struct ShapeRange {
  double least, most;
};
ShapeRange shape_range(MarginalFamily family);

/// Throws std::invalid_argument for a shape out of range.
void check_marginal(const Marginal& marginal);

/// The number x that a fraction `above` of the law exceeds; above in (0, 1/2].
double upper_quantile(const Marginal& marginal, double above);

/// E x^4 - 3, in closed form.
double excess_kurtosis(const Marginal& marginal);

/// The properties of from_normal that the quadrature of four-point functions uses.
OddShape shape_of_transform(const Marginal& marginal);

/// The odd function psi by which a standard normal z becomes a number x = psi(z) of the law
/// (Eq. 100).
double from_normal(const Marginal& marginal, double z);

}  // namespace popflow
