#include "popflow/lattice/quadrature.hpp"

#include <cmath>
#include <stdexcept>
#include <vector>

#include <boost/math/special_functions/legendre.hpp>
#include <fmt/core.h>

namespace popflow {

QuadratureRule gauss_legendre(int n, double lower, double upper) {
  if (n < 1)
    throw std::invalid_argument(fmt::format("quadrature with {} nodes: must be at least 1", n));
  const double centre = 0.5 * (lower + upper), half_width = 0.5 * (upper - lower);
  const std::vector<double> zeros = boost::math::legendre_p_zeros<double>(n);  // those >= 0
  QuadratureRule rule{Eigen::VectorXd(n), Eigen::VectorXd(n)};
  const int positive = static_cast<int>(zeros.size());
  for (int m = 0; m < positive; ++m) {
    const double x = zeros[m], slope = boost::math::legendre_p_prime(n, x);
    const double weight = half_width * 2.0 / ((1.0 - x * x) * slope * slope);
    const int above = n - positive + m, below = positive - 1 - m;
    rule.nodes[above] = centre + half_width * x;
    rule.nodes[below] = centre - half_width * x;
    rule.weights[above] = rule.weights[below] = weight;
  }
  return rule;
}

int gauss_legendre_nodes(double upper, double gap, double tolerance) {
  const double log_rho = std::acosh(1.0 + 2.0 * gap / upper);
  return static_cast<int>(std::ceil(-std::log(tolerance) / (2.0 * log_rho)));
}

}  // namespace popflow
