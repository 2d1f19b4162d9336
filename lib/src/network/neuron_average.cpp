#include "popflow/network/neuron_average.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <variant>

#include <Eigen/Core>

#include "popflow/network/checks.hpp"

#include "network/neuron_loss.hpp"
#include "network/owens_t.hpp"

namespace popflow {

namespace {

using std::numbers::inv_sqrtpi;
using std::numbers::sqrt2;

// Averages over x = lambda + b ~ N(B, V): the n-th derivatives in B, a[n] of E sigma(x) and q[n] of
// E sigma(x)^2 / 2 (Eq. 72).
struct Means {
  std::array<double, 5> a{};
  std::array<double, 5> q{};
};

// n from 1 to order + 1 (Eq. 73): q' is the product of a' and erf(c B).
Means erf_derivatives(double B, double V, int order) {
  const double s = 1.0 + V, inv_s = 1.0 / s;
  const double c2 = 0.5 * inv_s / (s + V), c = std::sqrt(c2), b = B * inv_s, b2 = B * b;
  const double a1 = 2.0 * inv_sqrt_2pi * std::sqrt(inv_s) * std::exp(-0.5 * b2);
  const double e0 = std::erf(c * B);
  Means m;
  m.a[1] = a1;
  m.q[1] = a1 * e0;
  if (order < 1) return m;
  const double e1 = 2.0 * inv_sqrtpi * c * std::exp(-c2 * B * B);
  m.a[2] = -b * a1;
  m.q[2] = m.a[2] * e0 + a1 * e1;
  if (order < 2) return m;
  const double e2 = -2.0 * c2 * B * e1;
  m.a[3] = (b2 - 1.0) * inv_s * a1;
  m.q[3] = m.a[3] * e0 + 2.0 * m.a[2] * e1 + a1 * e2;
  if (order < 3) return m;
  const double e3 = -2.0 * c2 * (e1 + B * e2);
  m.a[4] = b * (3.0 - b2) * inv_s * a1;
  m.q[4] = m.a[4] * e0 + 3.0 * (m.a[3] * e1 + m.a[2] * e2) + a1 * e3;
  return m;
}

// n = 0 (Eq. 74).
Means erf_values(double B, double V) {
  const double h = B / std::sqrt(1.0 + V);
  Means m;
  m.a[0] = std::erf(h / sqrt2);
  m.q[0] = 0.5 - 4.0 * owens_t(h, 1.0 / std::sqrt(1.0 + 2.0 * V));
  return m;
}

// All orders at once (Eq. 75): (sigma^2 / 2)' = sigma.
Means relu_means(double B, double V) {
  // The normal density underflows at a kink that is this many standard deviations from B.
  constexpr double far = 39.0;
  const double r = std::sqrt(V);
  Means m;
  if (std::isnan(B) || std::isnan(V)) {
    m.a.fill(std::numeric_limits<double>::quiet_NaN());
    m.q[0] = m.a[0];
  } else if (std::abs(B) < far * r) {
    const double h = B / r, density = inv_sqrt_2pi * std::exp(-0.5 * h * h);
    m.a[1] = 0.5 * std::erfc(-h / sqrt2);
    m.a[0] = B * m.a[1] + r * density;
    m.a[2] = density / r;
    m.a[3] = -h * m.a[2] / r;
    m.a[4] = (h * h - 1.0) * m.a[2] / V;
    m.q[0] = 0.5 * (B * m.a[0] + V * m.a[1]);
  } else if (B > 0.0) {
    m.a[0] = B;
    m.a[1] = 1.0;
    m.q[0] = 0.5 * (B * B + V);
  }
  std::copy_n(m.a.begin(), 4, m.q.begin() + 1);
  return m;
}

// The averages of the polynomial sum_n c_n x^n and of its derivatives, from the moments of N(B, V):
// m_n = B m_(n-1) + (n - 1) V m_(n-2).
std::array<double, 5> polynomial_means(const std::vector<double>& c, double B, double V) {
  std::array<double, 5> mean{}, moment{1.0};  // m_n, m_(n-1), ..., m_(n-4)
  for (std::size_t n = 0; n < c.size(); ++n) {
    double factor = c[n];
    for (std::size_t k = 0; k < mean.size(); ++k) {
      mean[k] += factor * moment[k];
      factor *= static_cast<double>(n) - static_cast<double>(k);
    }
    const double next = B * moment[0] + static_cast<double>(n) * V * moment[1];
    std::copy_backward(moment.begin(), moment.end() - 1, moment.end());
    moment[0] = next;
  }
  return mean;
}

// An activation that has closed forms; `square` are the coefficients of sigma^2 / 2 of a
// polynomial.
struct ClosedForm {
  const Activation& activation;
  const std::vector<double>& square;

  // n = 0, and of some activations more.
  Means values(double B, double V) const {
    if (std::holds_alternative<Erf>(activation)) return erf_values(B, V);
    if (std::holds_alternative<Relu>(activation)) return relu_means(B, V);
    return {polynomial_means(std::get<Polynomial>(activation).coefficients, B, V),
            polynomial_means(square, B, V)};
  }

  // n from 1 to order + 1, at least.
  Means derivatives(double B, double V, int order) const {
    return std::holds_alternative<Erf>(activation) ? erf_derivatives(B, V, order) : values(B, V);
  }
};

std::vector<double> half_square(const std::vector<double>& c) {
  std::vector<double> square(2 * c.size() - 1);
  for (std::size_t m = 0; m < c.size(); ++m)
    for (std::size_t n = 0; n < c.size(); ++n) square[m + n] += 0.5 * c[m] * c[n];
  return square;
}

// The functions that are averaged by quadrature: g, g', ..., g'''' of g(lambda) = loss, and
// d loss / dv.
using Integrands = Eigen::Array<double, 6, 1>;

template <class Sigma>
Integrands integrands(const Sigma& sigma, const NeuronLoss& of, double x) {
  const auto [g, by_v] = of(sigma.derivatives(x));
  return {g[0], g[1], g[2], g[3], g[4], by_v};
}

// The integral of term(t) over all t, if term vanishes to rounding at -reach and reach and beyond.
// It is the trapezoid rule with `steps` steps to either side, doubled as long as the result moves.
// An entry that still moves after the last doubling is NaN.
template <class Term>
Integrands trapezoid(const Term& term, double reach, int steps) {
  constexpr double tolerance = 1e-8;  // twice the steps square the error
  constexpr int most_steps = 1 << 15;
  double h = reach / steps;
  Integrands sum = Integrands::Zero(), size = sum;
  Eigen::Array<bool, 6, 1> settled = Eigen::Array<bool, 6, 1>::Constant(false);
  const auto add = [&](double t) {
    const Integrands value = term(t);
    sum += value;
    size += value.abs();
  };
  for (int n = -steps; n <= steps; ++n) add(n * h);
  while (steps < most_steps) {
    const Integrands before = sum * h;
    for (int n = -steps; n < steps; ++n) add((n + 0.5) * h);
    h *= 0.5;
    steps *= 2;
    settled = (sum * h - before).abs() <= tolerance * size * h;
    if (settled.all()) break;
  }
  return settled.select(sum * h, std::numeric_limits<double>::quiet_NaN());
}

constexpr double normal_reach = 9.0;  // the normal density there is 1e-18

// Steps are at most half a unit of x, since tanh is smooth there, and at most half a standard
// deviation. The logistic loss switches within 1/v, so that its steps are shorter.
template <class Sigma>
Integrands means_by_quadrature(const Sigma& sigma, const NeuronLoss& of, double B, double V) {
  const double r = std::sqrt(V),
               unit = of.loss == Loss::logistic ? 1.0 / (1.0 + std::abs(of.v * of.label)) : 1.0;
  const double steps = 2.0 * normal_reach * std::clamp(r / unit, 1.0, 1000.0);
  return trapezoid(
      [&](double xi) -> Integrands {
        return inv_sqrt_2pi * std::exp(-0.5 * xi * xi) * integrands(sigma, of, B + r * xi);
      },
      normal_reach, static_cast<int>(std::ceil(steps)));
}

// The sum of the integrals below and above the kink, the latter by the tanh-sinh rule, and of the
// terms that the kink adds to the derivatives of this sum in B. Let n(B) be the density of x at 0,
// and g the loss above the kink, with its derivatives at 0. The kink adds g' n to the second
// derivative, g'' n + g' n' to the third, and g''' n + g'' n' + g' n'' to the fourth.
Integrands means_by_quadrature(const Relu& sigma, const NeuronLoss& of, double B, double V) {
  const double r = std::sqrt(V), h = B / r;
  const double lower = std::max(0.0, B - normal_reach * r), upper = B + normal_reach * r;
  Integrands means = Integrands::Zero();
  if (upper > 0.0) {
    constexpr double reach = 3.5, half_pi = 0.5 * std::numbers::pi;
    const double half = 0.5 * (upper - lower);
    means = trapezoid(
        [&](double t) -> Integrands {
          const double cosh = std::cosh(half_pi * std::sinh(t));
          const double from_lower = half * std::exp(half_pi * std::sinh(t)) / cosh;
          const double xi = (lower - B + from_lower) / r;
          const double weight = half / r * half_pi * std::cosh(t) / (cosh * cosh);
          return weight * inv_sqrt_2pi * std::exp(-0.5 * xi * xi) *
                 integrands(sigma, of, lower + from_lower);
        },
        reach, 32);
  }
  const auto l = loss_derivatives(of.loss, 0.0, of.label);
  means[0] += 0.5 * std::erfc(h / sqrt2) * l[0];
  const double v = of.v, density = inv_sqrt_2pi / r * std::exp(-0.5 * h * h);
  if (density == 0.0) return means;
  means[2] += density * l[1] * v;
  means[3] += density * (l[2] * v * v - h / r * l[1] * v);
  means[4] += density * (l[3] * v * v * v - h / r * l[2] * v * v + (h * h - 1.0) / V * l[1] * v);
  return means;
}

Integrands quadrature(const Activation& activation, Loss loss, double label,
                      const GaussianNeuron& at) {
  const double B = at.mean + at.bias, V = at.variance;
  if (std::isnan(B) || std::isnan(V))
    return Integrands::Constant(std::numeric_limits<double>::quiet_NaN());
  const NeuronLoss of{loss, label, at.second_layer};
  return std::visit(
      [&](const auto& sigma) {
        return V == 0.0 ? integrands(sigma, of, B) : means_by_quadrature(sigma, of, B, V);
      },
      activation);
}

}  // namespace

NeuronAverage::NeuronAverage(const Activation& activation, Loss loss, double label)
    : activation_(activation),
      loss_(loss),
      label_(label),
      closed_(loss != Loss::logistic && !std::holds_alternative<Tanh>(activation) &&
              !std::holds_alternative<Logistic>(activation)) {
  check_activation(activation);
  check_label(loss, label);
  if (const auto* sigma = std::get_if<Polynomial>(&activation))
    square_ = half_square(sigma->coefficients);
}

std::array<double, 4> NeuronAverage::slopes(const GaussianNeuron& at, int order) const {
  std::array<double, 4> f{};
  if (!closed_) {
    const Integrands g = quadrature(activation_, loss_, label_, at);
    std::copy_n(g.data() + 1, order + 1, f.begin());
    return f;
  }
  const Means m =
      ClosedForm{activation_, square_}.derivatives(at.mean + at.bias, at.variance, order);
  const double v = at.second_layer, v2 = loss_ == Loss::squared ? v * v : 0.0, yv = label_ * v;
  for (std::size_t n = 0; n <= static_cast<std::size_t>(order); ++n)
    f[n] = v2 * m.q[n + 1] - yv * m.a[n + 1];
  return f;
}

double NeuronAverage::loss(const GaussianNeuron& at) const {
  if (!closed_) return quadrature(activation_, loss_, label_, at)[0];
  const Means m = ClosedForm{activation_, square_}.values(at.mean + at.bias, at.variance);
  const double v = at.second_layer, linear = -label_ * v * m.a[0];
  return loss_ == Loss::squared ? v * v * m.q[0] + linear + 0.5 * label_ * label_ : linear;
}

double NeuronAverage::second_layer_slope(const GaussianNeuron& at) const {
  if (!closed_) return quadrature(activation_, loss_, label_, at)[5];
  const Means m = ClosedForm{activation_, square_}.values(at.mean + at.bias, at.variance);
  const double linear = -label_ * m.a[0];
  return loss_ == Loss::squared ? 2.0 * at.second_layer * m.q[0] + linear : linear;
}

}  // namespace popflow
