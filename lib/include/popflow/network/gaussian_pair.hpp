#pragma once

#include <array>
#include <cstddef>

#include <Eigen/Core>

#include "popflow/network/activation.hpp"

namespace popflow {

/// A Gaussian pre-activation lambda ~ N(0, variance) and the bias that is added to it.
struct PreActivation {
  double variance;  ///< Q = u . C u, at least 0
  double bias;
};

/// a(m) = E sigma^(m)(lambda + b) of one neuron, at index m.
using SingleAverages = std::array<double, 7>;

/// A(m, n) = E[ sigma^(m)(lambda_k + b_k) sigma^(n)(lambda_l + b_l) ] of two neurons.
class PairAverages {
 public:
  double operator()(int m, int n) const { return values_[index(m, n)]; }
  double& operator()(int m, int n) { return values_[index(m, n)]; }

 private:
  static std::size_t index(int m, int n) {
    return static_cast<std::size_t>(m) * 7 + static_cast<std::size_t>(n);
  }
  std::array<double, 49> values_{};
};

/// Averages of an activation and its derivatives over one Gaussian pre-activation, or two jointly
/// Gaussian ones, in closed form (Eq. 57 to 62). All derivatives are by the biases too:
///
///     d A(m, n) / d b_k = A(m + 1, n),            d A(m, n) / d b_l = A(m, n + 1)
///     d A(m, n) / d Q_kk = A(m + 2, n) / 2,       d A(m, n) / d q = A(m + 1, n + 1)
///
/// Averages of Erf are accurate to 1e-15 for variances up to 1e4, singular covariances included.
/// For larger variances they are accurate to 1e-12, and depend on the last digits of the
/// covariance. Derivatives of Relu include delta functions, whose averages are finite up to order
/// 2. If a variance is 0, the pre-activation is the bias, and sigma'(0) = sigma''(0) = 0. Variances
/// are 0 or above 1e-150, because products of two of them must not underflow. Nothing is allocated
/// after a thread's first call.
class GaussianPair {
 public:
  static constexpr int highest_order = 6;

  /// For derivatives up to the total order `order`, 0 to 6. Throws std::invalid_argument for an
  /// activation other than Erf, Relu and Polynomial, for orders outside that range, and for Relu
  /// above order 2.
  GaussianPair(const Activation& activation, int order);

  /// a(m) for m <= order; other entries are left as they are.
  void operator()(const PreActivation& k, SingleAverages& a) const;

  /// A(m, n) for m + n <= order; other entries are left as they are. `q` is the covariance of
  /// lambda_k and lambda_l, of magnitude at most sqrt(Q_kk Q_ll) up to rounding. For a neuron with
  /// itself, k = l and q is its variance.
  void operator()(const PreActivation& k, const PreActivation& l, double q, PairAverages& A) const;

 private:
  // For a polynomial of degree d, a(m) with m up to the larger of d and the order.
  Eigen::Index polynomial_size() const;
  void polynomial_averages(const PreActivation& k, Eigen::VectorXd& a) const;

  Activation activation_;
  int order_;
};

}  // namespace popflow
