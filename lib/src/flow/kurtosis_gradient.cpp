#include "popflow/flow/kurtosis_gradient.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "popflow/lattice/half_spectrum.hpp"

#include "flow/one_neuron.hpp"

namespace popflow {

namespace {

// A normal law that takes part in that of y = lambda / sqrt Q, and what it adds to the moments with
// f: with F_n = d^n f / dy^n averaged over it,
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

// (Eq. 82), with the factor 1 - m^2 of both numerator and denominator left out.
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

struct Closure {
  double linear = 0.0;  // E[lambda f] / Q
  double cubic = 0.0;   // E[h(lambda) f] / E[h(lambda)^2]
  double f = 0.0;       // E f
  double second = 0.0;  // E d loss / dv
};

Closure closure_of(const NeuronAverage& average, double bias, double v, double Q, double e) {
  Closure sum;
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

}  // namespace

KurtosisGradient::KurtosisGradient(const Task& task, const Network& network,
                                   std::vector<CumulantOperator> cumulants)
    : fourier_(lattice_of_one_neuron(task, network)),
      activation_(network.activation),
      multiplicity_(mode_multiplicity(fourier_.torus())),
      u_(fourier_.torus().half_modes()),
      product_(u_.size()),
      cube_(u_.size()),
      sites_(fourier_.torus().sites()) {
  if (cumulants.size() != task.size())
    throw std::invalid_argument(fmt::format("{} cumulant operators for {} classes: must be as many",
                                            cumulants.size(), task.size()));
  for (std::size_t c = 0; c < task.size(); ++c) {
    if (!(cumulants[c].torus() == fourier_.torus()))
      throw std::invalid_argument("cumulant operator: must live on the task's lattice");
    terms_.push_back({task[c].probability, task[c].input.spectrum(), std::move(cumulants[c]),
                      NeuronAverage(network.activation, network.loss, task[c].label)});
  }
}

void KurtosisGradient::operator()(const Parameters& at, Parameters& out) {
  check_one_neuron(fourier_.torus(), at);
  fourier_.forward(at.values.head(at.sites()), u_);
  out.values.setZero();
  for (ClassTerm& term : terms_) add(term, at, out);
}

// (Eq. 81), in Fourier space.
void KurtosisGradient::add(ClassTerm& term, const Parameters& at, Parameters& out) {
  // Below, Q^2 would underflow.
  constexpr double least = 1e-100;
  const int sites = fourier_.torus().sites();
  product_ = term.spectrum.array() * u_.array();
  const double Q = std::max(inner_product(multiplicity_, sites, u_, product_), 0.0);
  double e = 0.0;
  term.cumulant.contract(u_, cube_);
  if (Q > std::max(least, cubic_variance(activation_, at.bias()[0])))
    e = inner_product(multiplicity_, sites, u_, cube_) / (Q * Q);
  const Closure closure = closure_of(term.average, at.bias()[0], at.second()[0], Q, e);
  product_ *= closure.linear - e * Q * closure.cubic;
  if (Q > least) product_ += closure.cubic * cube_;
  fourier_.backward(product_, sites_);
  out.values.head(sites) += term.probability * sites_;
  out.bias()[0] += term.probability * closure.f;
  out.second()[0] += term.probability * closure.second;
}

}  // namespace popflow
