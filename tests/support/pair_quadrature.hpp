#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <boost/multiprecision/cpp_bin_float.hpp>

#include "popflow/lattice/quadrature.hpp"

namespace popflow::test {

/// Where a function of a standard normal variable changes within a short distance.
struct Feature {
  double centre, width;
};

/// Composite Gauss-Legendre rule for E f(t), t standard normal, with panels of at most 1.5 in t and
/// of at most 1.5 widths within nine widths of every feature. A function that is analytic on that
/// scale is integrated to about 1e-13, up to what lies beyond |t| = 10; kinks (width 0) lie between
/// panels.
inline QuadratureRule normal_rule(const std::vector<Feature>& features) {
  constexpr double end = 10.0, panel = 1.5;
  std::vector<double> breaks;
  for (double t = -end; t < end; t += panel) breaks.push_back(t);
  breaks.push_back(end);
  for (const auto& [centre, width] : features)
    for (int step = -6; step <= 6; ++step) {
      const double t = centre + panel * step * width;
      if (std::abs(t) < end) breaks.push_back(t);
    }
  std::sort(breaks.begin(), breaks.end());
  breaks.erase(std::unique(breaks.begin(), breaks.end()), breaks.end());
  static const QuadratureRule unit = gauss_legendre(12, 0.0, 1.0);
  const auto panels = static_cast<Eigen::Index>(breaks.size()) - 1, nodes = unit.nodes.size();
  QuadratureRule rule{Eigen::VectorXd(panels * nodes), Eigen::VectorXd(panels * nodes)};
  for (Eigen::Index p = 0; p < panels; ++p) {
    const double from = breaks[static_cast<std::size_t>(p)],
                 length = breaks[static_cast<std::size_t>(p) + 1] - from;
    rule.nodes.segment(p * nodes, nodes) = from + length * unit.nodes.array();
    rule.weights.segment(p * nodes, nodes) = length * unit.weights;
  }
  rule.weights.array() *=
      (-0.5 * rule.nodes.array().square()).exp() / std::sqrt(2.0 * 3.14159265358979323846);
  return rule;
}

/// Two jointly Gaussian pre-activations with their biases, as functions of independent standard
/// normal variables t and xi:
///
///     x_k = deviation t + b_k,      x_l = slope t + rest xi + b_l
///
/// The rest is the square root of a difference that is taken in 113 bits, so that it is right to
/// rounding for the given numbers, however nearly singular.
struct NormalPair {
  NormalPair(double Q_k, double Q_l, double q, double bias_k, double bias_l)
      : deviation(std::sqrt(Q_k)), slope(q / deviation), b_k(bias_k), b_l(bias_l) {
    using Quad = boost::multiprecision::cpp_bin_float_quad;
    const Quad determinant = Quad(Q_k) * Quad(Q_l) - Quad(q) * Quad(q);
    rest = std::sqrt(std::max(0.0, static_cast<double>(determinant / Quad(Q_k))));
  }

  double deviation, slope, rest, b_k, b_l;
};

/// visit(weight, x_k, x_l) for the nodes of a rule for E f(x_k) g(x_l), of functions that change
/// near 0 on the scale `width` (0 for kinks).
template <class Visit>
void for_pair_nodes(const NormalPair& pair, double width, const Visit& visit) {
  const double smoothed = std::hypot(width, pair.rest);
  std::vector<Feature> outer_features{{-pair.b_k / pair.deviation, width / pair.deviation}};
  if (pair.slope != 0.0)
    outer_features.push_back({-pair.b_l / pair.slope, smoothed / std::abs(pair.slope)});
  const QuadratureRule outer = normal_rule(outer_features);
  for (Eigen::Index i = 0; i < outer.nodes.size(); ++i) {
    const double x_k = pair.deviation * outer.nodes[i] + pair.b_k,
                 mean = pair.slope * outer.nodes[i] + pair.b_l;
    if (pair.rest == 0.0) {
      visit(outer.weights[i], x_k, mean);
      continue;
    }
    const QuadratureRule inner = normal_rule({{-mean / pair.rest, width / pair.rest}});
    for (Eigen::Index j = 0; j < inner.nodes.size(); ++j)
      visit(outer.weights[i] * inner.weights[j], x_k, mean + pair.rest * inner.nodes[j]);
  }
}

}  // namespace popflow::test
