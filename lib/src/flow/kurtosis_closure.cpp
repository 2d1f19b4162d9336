#include "flow/kurtosis_closure.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace popflow {

namespace {

// One normal component of the law of y = lambda / sqrt Q, and its contributions to the moments with
// f. With F_n = d^n f / dy^n averaged over it,
//
//     E[y f] = mean F_0 + variance F_1,      E[h(y) f] / E[h(y)^2] = sum_n cubic[n] F_n
//
// where h(y) = y^3 - E[y^4] y is the cubic polynomial orthogonal to y.
struct Component {
  double probability;
  double mean;
  double variance;
  std::array<double, 4> cubic;
};

using Mixture = std::array<Component, 2>;

// (Eq. 82), without the factor 1 - m^2 that numerator and denominator share.
Mixture of_two_means(double e) {
  const double w = std::sqrt(-0.5 * std::max(e, -2.0)), m = std::sqrt(w), s = 1.0 - w;
  const double norm = 6.0 + w * (6.0 + w * (-12.0 + 4.0 * w));
  const auto component = [=](double mean) {
    return Component{
        0.5,
        mean,
        s,
        {-2.0 * w * mean / norm, 2.0 * w * w / norm, 3.0 * s * mean / norm, s * s / norm}};
  };
  return {component(m), component(-m)};
}

// (Eq. 83)
Mixture of_two_variances(double e) {
  const double c = std::sqrt(e / 3.0), norm = 6.0 + 9.0 * e - e * e;
  const auto component = [=](double sign) {
    const double s = 1.0 + sign * c;
    return Component{0.5,
                     0.0,
                     std::max(s, 0.0),
                     {0.0, 3.0 * sign * c * (1.0 - c * c) / norm, 0.0, s * s * s / norm}};
  };
  return {component(1.0), component(-1.0)};
}

// (Eq. 84)
Mixture with_point_mass(double e) {
  const double p = 3.0 / (3.0 + e);
  return {Component{p, 0.0, 1.0 / p, {0.0, 0.0, 0.0, 1.0 / (6.0 * p)}},
          Component{1.0 - p, 0.0, 0.0, {}}};
}

Mixture mixture_of_kurtosis(double e) {
  if (e <= 0.0) return of_two_means(e);
  return e <= 3.0 ? of_two_variances(e) : with_point_mass(e);
}

}  // namespace

KurtosisClosure kurtosis_closure(const NeuronAverage& average, double bias, double v, double Q,
                                 double e) {
  KurtosisClosure sum;
  const double root = std::sqrt(Q);
  for (const Component& part : mixture_of_kurtosis(e)) {
    const GaussianNeuron neuron{bias, v, part.mean * root, part.variance * Q};
    const auto f = average.slopes(neuron);
    const auto& k = part.cubic;
    double linear = part.variance * f[1], cubic = k[3] * f[3];
    if (part.mean != 0.0) {
      linear += part.mean * f[0] / root;
      cubic += (k[0] * f[0] / root + k[1] * f[1] + k[2] * root * f[2]) / Q;
    } else if (k[1] != 0.0) {
      cubic += k[1] * f[1] / Q;
    }
    sum.linear += part.probability * linear;
    sum.cubic += part.probability * cubic;
    sum.f += part.probability * f[0];
    sum.second += part.probability * average.second_layer_slope(neuron);
  }
  return sum;
}

}  // namespace popflow
