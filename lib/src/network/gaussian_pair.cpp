#include "popflow/network/gaussian_pair.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include <fmt/core.h>

#include "popflow/lattice/scratch.hpp"

#include "network/owens_t.hpp"

namespace popflow {

namespace {

constexpr double sqrt_half = 0.5 * std::numbers::sqrt2;

// Owen's T at (h, z / h). At h = 0 the limit from above, of z different from 0.
double owens_t_of_ratio(double h, double z) {
  if (h == 0.0) return z > 0.0 ? 0.25 : -0.25;
  return owens_t(h, z / h);
}

// Means in units of standard deviations, of jointly Gaussian X and Y: h_k of X, h_l of Y, z_k of X
// given Y = 0, z_l of Y given X = 0.
struct StandardMeans {
  double h_k, h_l, z_k, z_l;
};

// E sign X sign Y (Eq. 58); `q` is the covariance of X and Y, and `root` the root of the
// determinant of their covariance matrix.
double sign_product(const StandardMeans& means, double q, double root) {
  const auto [h_k, h_l, z_k, z_l] = means;
  if (!std::isfinite(h_k + h_l)) return h_k * h_l - h_k * h_l;  // NaN
  if (h_k == 0.0 && h_l == 0.0) return std::atan2(q, root) / (0.5 * std::numbers::pi);
  const double same = (h_k < 0.0) == (h_l < 0.0) ? 1.0 : -1.0;
  return same - 4.0 * (owens_t_of_ratio(h_k, z_l) + owens_t_of_ratio(h_l, z_k));
}

// a b - c d, to rounding of the result (Kahan).
double difference_of_products(double a, double b, double c, double d) {
  const double cd = c * d;
  return std::fma(a, b, -cd) - std::fma(c, d, -cd);
}

double normal_density(double x) { return inv_sqrt_2pi * std::exp(-0.5 * x * x); }

double normal_probability(double x) { return 0.5 * std::erfc(-sqrt_half * x); }

// --- Erf ---

// E sign(lambda + b + eta), and its derivatives by b (Eq. 57).
void erf_averages(const PreActivation& k, int order, SingleAverages& a) {
  const double s = 1.0 + k.variance, h = k.bias / std::sqrt(s);
  a[0] = std::erf(sqrt_half * h);
  if (order >= 1) a[1] = 2.0 * normal_density(h) / std::sqrt(s);
  if (order >= 2) a[2] = -k.bias / s * a[1];
  for (std::size_t m = 2; m < static_cast<std::size_t>(order); ++m)
    a[m + 1] = -(k.bias * a[m] + static_cast<double>(m - 1) * a[m - 1]) / s;
}

// A(m, 0) from m = 2 on (Eq. 60), A transposed for those of l.
template <class Table>
void erf_edge(double b, double s, double q, int order, const Table& A) {
  for (int m = 1; m < order; ++m) {
    A(m + 1, 0) = -(b * A(m, 0) + q * A(m, 1)) / s;
    if (m > 1) A(m + 1, 0) -= (m - 1) * A(m - 1, 0) / s;
  }
}

void erf_pair(const PreActivation& k, const PreActivation& l, double q, int order,
              PairAverages& A) {
  const double s_k = 1.0 + k.variance, s_l = 1.0 + l.variance, b_k = k.bias, b_l = l.bias;
  const double determinant =
      s_k + l.variance + std::max(0.0, difference_of_products(k.variance, l.variance, q, q));
  const double root_k = std::sqrt(s_k), root_l = std::sqrt(s_l), root = std::sqrt(determinant);
  const double h_k = b_k / root_k, h_l = b_l / root_l;
  const double y_k = difference_of_products(s_l, b_k, q, b_l) / determinant;
  const double y_l = difference_of_products(s_k, b_l, q, b_k) / determinant;
  const double z_k = y_k * root / root_l, z_l = y_l * root / root_k;
  A(0, 0) = sign_product({h_k, h_l, z_k, z_l}, q, root);
  if (order == 0) return;
  const double n_k = 2.0 * normal_density(h_k) / root_k;
  A(1, 0) = n_k * std::erf(sqrt_half * z_l);
  A(0, 1) = 2.0 * normal_density(h_l) / root_l * std::erf(sqrt_half * z_k);
  if (order == 1) return;

  // Derivatives of the normal density (Eq. 59).
  A(1, 1) = 2.0 * n_k * normal_density(z_l) * root_k / root;
  const double P_kk = s_l / determinant, P_kl = -q / determinant, P_ll = s_k / determinant;
  for (int total = 2; total < order; ++total)
    for (int m = 1; m <= total; ++m) {
      const int n = total + 1 - m;
      // Differentiate A(m - 1, n) with respect to b_k if it is known, otherwise A(m, n - 1) with
      // respect to b_l.
      if (m > 1) {
        A(m, n) = -y_k * A(m - 1, n);
        if (m > 2) A(m, n) -= (m - 2) * P_kk * A(m - 2, n);
        if (n > 1) A(m, n) -= (n - 1) * P_kl * A(m - 1, n - 1);
      } else {
        A(m, n) = -y_l * A(m, n - 1);
        if (n > 2) A(m, n) -= (n - 2) * P_ll * A(m, n - 2);
      }
    }
  erf_edge(b_k, s_k, q, order, [&A](int m, int n) -> double& { return A(m, n); });
  erf_edge(b_l, s_l, q, order, [&A](int m, int n) -> double& { return A(n, m); });
}

// --- Relu ---

void relu_averages(const PreActivation& k, SingleAverages& a) {
  if (k.variance == 0.0) {
    a[0] = Relu{}(k.bias);
    a[1] = Relu{}.slope(k.bias);
    a[2] = 0.0;
    return;
  }
  const double deviation = std::sqrt(k.variance), h = k.bias / deviation;
  a[1] = normal_probability(h);
  a[2] = normal_density(h) / deviation;
  a[0] = k.bias * a[1] + k.variance * a[2];
}

// Y given X = 0, where X and Y are jointly Gaussian: its mean and standard deviation, the first
// over the second, and the probability of Y > 0. All from the mean times the variance of X, as the
// difference a b - c d, and the root of the determinant of the covariance.
struct Conditioned {
  Conditioned(double a, double b, double c, double d, double root) {
    const double difference = difference_of_products(a, b, c, d);
    mean = difference / a;
    deviation = root / std::sqrt(a);
    // For a neuron with itself this is 0 / 0, whose limit is 0; also if q is too large by rounding.
    constexpr double rounding = 1e-13;
    const bool same = root == 0.0 && std::abs(difference) <= rounding * std::abs(a * b);
    z = same ? 0.0 : mean / deviation;
    probability = normal_probability(z);
  }

  double mean_above_0() const { return mean * probability + deviation * normal_density(z); }

  double mean, deviation, z, probability;
};

// (Eq. 61), each line by Stein's lemma from those before.
void relu_pair(const PreActivation& k, const PreActivation& l, double q, PairAverages& A) {
  const double Q_k = k.variance, Q_l = l.variance, b_k = k.bias, b_l = l.bias;
  SingleAverages a_k, a_l;
  relu_averages(k, a_k);
  relu_averages(l, a_l);
  if (Q_k == 0.0 || Q_l == 0.0) {
    for (int m = 0; m <= 2; ++m)
      for (int n = 0; m + n <= 2; ++n)
        A(m, n) = a_k[static_cast<std::size_t>(m)] * a_l[static_cast<std::size_t>(n)];
    return;
  }
  const double root = std::sqrt(std::max(0.0, difference_of_products(Q_k, Q_l, q, q)));
  const Conditioned of_k(Q_l, b_k, q, b_l, root), of_l(Q_k, b_l, q, b_k, root);
  const double signs =
      sign_product({b_k / std::sqrt(Q_k), b_l / std::sqrt(Q_l), of_k.z, of_l.z}, q, root);
  A(1, 1) = 0.5 * (a_k[1] + a_l[1]) + 0.25 * (signs - 1.0);
  A(2, 0) = a_k[2] * of_l.mean_above_0();
  A(0, 2) = a_l[2] * of_k.mean_above_0();
  const double delta_k = a_k[2] * of_l.probability, delta_l = a_l[2] * of_k.probability;
  A(1, 0) = b_l * A(1, 1) + q * delta_k + Q_l * delta_l;
  A(0, 1) = b_k * A(1, 1) + q * delta_l + Q_k * delta_k;
  A(0, 0) = b_k * A(1, 0) + Q_k * A(2, 0) + q * A(1, 1);
}

// --- Polynomial ---

// Mehler's formula (Eq. 62).
void polynomial_pair(const Eigen::VectorXd& a_k, const Eigen::VectorXd& a_l, double q, int order,
                     PairAverages& A) {
  for (int m = 0; m <= order; ++m)
    for (int n = 0; m + n <= order; ++n) {
      double sum = 0.0, weight = 1.0;
      for (Eigen::Index j = 0; j + std::max(m, n) < a_k.size(); ++j) {
        sum += weight * a_k[m + j] * a_l[n + j];
        weight *= q / static_cast<double>(j + 1);
      }
      A(m, n) = sum;
    }
}

void check_order(const Activation& activation, int order) {
  const bool relu = std::holds_alternative<Relu>(activation);
  if (!relu && !std::holds_alternative<Erf>(activation) &&
      !std::holds_alternative<Polynomial>(activation))
    throw std::invalid_argument(
        "activation: averages over Gaussians have a closed form for erf, relu and polynomials");
  const int highest = relu ? 2 : GaussianPair::highest_order;
  if (order < 0 || order > highest)
    throw std::invalid_argument(fmt::format("averages of {} derivatives{}: must be from 0 to {}",
                                            order, relu ? " of relu" : "", highest));
}

}  // namespace

GaussianPair::GaussianPair(const Activation& activation, int order)
    : activation_(activation), order_(order) {
  check_order(activation, order);
}

void GaussianPair::operator()(const PreActivation& k, SingleAverages& a) const {
  if (std::holds_alternative<Erf>(activation_)) {
    erf_averages(k, order_, a);
  } else if (std::holds_alternative<Relu>(activation_)) {
    relu_averages(k, a);
  } else {
    Scratch scratch;
    Field& all = scratch.field(polynomial_size());
    polynomial_averages(k, all);
    std::copy_n(all.begin(), order_ + 1, a.begin());
  }
}

void GaussianPair::operator()(const PreActivation& k, const PreActivation& l, double q,
                              PairAverages& A) const {
  if (std::holds_alternative<Erf>(activation_)) {
    erf_pair(k, l, q, order_, A);
  } else if (std::holds_alternative<Relu>(activation_)) {
    relu_pair(k, l, q, A);
  } else {
    Scratch scratch;
    Field &a_k = scratch.field(polynomial_size()), &a_l = scratch.field(polynomial_size());
    polynomial_averages(k, a_k);
    polynomial_averages(l, a_l);
    polynomial_pair(a_k, a_l, q, order_, A);
  }
}

Eigen::Index GaussianPair::polynomial_size() const {
  const auto coefficients = std::get<Polynomial>(activation_).coefficients.size();
  return std::max<Eigen::Index>(static_cast<Eigen::Index>(coefficients), order_ + 1);
}

// The moments of lambda + b, and the averages of the polynomial's derivatives by them.
void GaussianPair::polynomial_averages(const PreActivation& k, Eigen::VectorXd& a) const {
  const auto& polynomial = std::get<Polynomial>(activation_).coefficients;
  const auto size = static_cast<Eigen::Index>(polynomial.size());
  Scratch scratch;
  Field &moments = scratch.field(size), &coefficients = scratch.field(size);  // of a derivative
  for (Eigen::Index r = 0; r < size; ++r) {
    moments[r] = r == 0 ? 1.0 : k.bias * moments[r - 1];
    if (r > 1) moments[r] += static_cast<double>(r - 1) * k.variance * moments[r - 2];
  }
  std::copy(polynomial.begin(), polynomial.end(), coefficients.begin());
  a.setZero();
  for (Eigen::Index m = 0; m < size; ++m) {
    const Eigen::Index terms = size - m;
    a[m] = coefficients.head(terms).dot(moments.head(terms));
    for (Eigen::Index r = 0; r + 1 < terms; ++r)
      coefficients[r] = static_cast<double>(r + 1) * coefficients[r + 1];
  }
}

}  // namespace popflow
