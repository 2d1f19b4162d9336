#include "popflow/input/marginal.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>

#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <fmt/core.h>

#include "input/check_number.hpp"

namespace popflow {

namespace {

// The variance of the laws as marginal.hpp states them: uniform and beta laws lie on [-1, 1].
double variance(const Marginal& marginal) {
  const double s = marginal.shape;
  switch (marginal.family) {
    case MarginalFamily::uniform:
      return 1.0 / 3.0;
    case MarginalFamily::laplace:
      return 2.0;
    case MarginalFamily::generalised_normal:
      return std::tgamma(3.0 / s) / std::tgamma(1.0 / s);
    case MarginalFamily::beta:
      return 1.0 / (2.0 * s + 1.0);
    case MarginalFamily::student_t:
      return s / (s - 2.0);
  }
  return 1.0;
}

double student_quantile(double dof, double above) {
  return quantile(complement(boost::math::students_t(dof), above));
}

double unscaled_quantile(const Marginal& marginal, double above) {
  const double s = marginal.shape;
  switch (marginal.family) {
    case MarginalFamily::uniform:
      return 1.0 - 2.0 * above;
    case MarginalFamily::laplace:
      return -std::log(2.0 * above);
    case MarginalFamily::generalised_normal:
      return std::pow(boost::math::gamma_q_inv(1.0 / s, 2.0 * above), 1.0 / s);
    case MarginalFamily::beta: {
      // t / sqrt(dof + t^2) of Student's t, whose quantile is at ease in far tails too.
      const double t = student_quantile(2.0 * s, above);
      return t / std::hypot(std::sqrt(2.0 * s), t);
    }
    case MarginalFamily::student_t:
      return student_quantile(s, above);
  }
  return 0.0;
}

}  // namespace

ShapeRange shape_range(MarginalFamily family) {
  switch (family) {
    case MarginalFamily::generalised_normal:
      return {1.0, 100.0};
    case MarginalFamily::beta:
      return {0.5, 1e4};
    case MarginalFamily::student_t:
      return {4.1, 1e4};
    default:
      return {1.0, 1.0};
  }
}

void check_marginal(const Marginal& marginal) {
  const ShapeRange range = shape_range(marginal.family);
  check_number(range.least < range.most || marginal.shape == range.least, "shape", marginal.shape,
               "left at 1, for this law has none");
  if (!(marginal.shape >= range.least && marginal.shape <= range.most))
    throw std::invalid_argument(fmt::format("shape {}: must be a number from {:g} to {:g}",
                                            marginal.shape, range.least, range.most));
}

double upper_quantile(const Marginal& marginal, double above) {
  return unscaled_quantile(marginal, above) / std::sqrt(variance(marginal));
}

double excess_kurtosis(const Marginal& marginal) {
  const double s = marginal.shape;
  switch (marginal.family) {
    case MarginalFamily::uniform:
      return -1.2;
    case MarginalFamily::laplace:
      return 3.0;
    case MarginalFamily::generalised_normal:
      return std::tgamma(5.0 / s) * std::tgamma(1.0 / s) / std::pow(std::tgamma(3.0 / s), 2) - 3.0;
    case MarginalFamily::beta:
      return -6.0 / (2.0 * s + 3.0);
    case MarginalFamily::student_t:
      return 6.0 / (s - 4.0);
  }
  return 0.0;
}

OddShape shape_of_transform(const Marginal& marginal) {
  const bool laplace = marginal.family == MarginalFamily::laplace,
             power = marginal.family == MarginalFamily::generalised_normal,
             student = marginal.family == MarginalFamily::student_t;
  return {.growth = student ? 1.0 / marginal.shape : 0.0, .kinked = laplace || power};
}

double from_normal(const Marginal& marginal, double z) {
  if (z == 0.0) return 0.0;
  const double above = 0.5 * std::erfc(std::abs(z) / std::numbers::sqrt2);
  return std::copysign(upper_quantile(marginal, above), z);
}

}  // namespace popflow
