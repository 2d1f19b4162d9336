#pragma once

#include <Eigen/Core>

#include "popflow/lattice/torus.hpp"

namespace popflow::test {

/// A fourth-order tensor over R^n, stored entry by entry, row-major in (i, j, k, l).
class ExplicitTensor {
 public:
  explicit ExplicitTensor(Eigen::Index n) : n_(n), values_(Eigen::VectorXd::Zero(n * n * n * n)) {}

  Eigen::Index dimension() const { return n_; }
  double& operator()(Eigen::Index i, Eigen::Index j, Eigen::Index k, Eigen::Index l) {
    return values_[((i * n_ + j) * n_ + k) * n_ + l];
  }
  double squared_norm() const { return values_.squaredNorm(); }

  template <class Entry>
  void add(const Entry& entry) {
    for (Eigen::Index i = 0; i < n_; ++i)
      for (Eigen::Index j = 0; j < n_; ++j)
        for (Eigen::Index k = 0; k < n_; ++k)
          for (Eigen::Index l = 0; l < n_; ++l) (*this)(i, j, k, l) += entry(i, j, k, l);
  }

  Eigen::VectorXd contract(const Eigen::VectorXd& u, const Eigen::VectorXd& v,
                           const Eigen::VectorXd& w) {
    Eigen::VectorXd out = Eigen::VectorXd::Zero(n_);
    for (Eigen::Index i = 0; i < n_; ++i)
      for (Eigen::Index j = 0; j < n_; ++j)
        for (Eigen::Index k = 0; k < n_; ++k)
          for (Eigen::Index l = 0; l < n_; ++l) out[i] += (*this)(i, j, k, l) * u[j] * v[k] * w[l];
    return out;
  }

 private:
  Eigen::Index n_;
  Eigen::VectorXd values_;
};

/// fourth * mean x^(x4) - pairing * (three pairings of C (x) C), where C = mean x x^T.
inline ExplicitTensor moment_estimate(const Eigen::MatrixXd& x, double fourth, double pairing) {
  const auto P = static_cast<double>(x.cols());
  const Eigen::MatrixXd C = x * x.transpose() / P;
  ExplicitTensor tensor(x.rows());
  for (Eigen::Index p = 0; p < x.cols(); ++p)
    tensor.add([&](auto i, auto j, auto k, auto l) {
      return fourth / P * x(i, p) * x(j, p) * x(k, p) * x(l, p);
    });
  tensor.add([&](auto i, auto j, auto k, auto l) {
    return -pairing * (C(i, j) * C(k, l) + C(i, k) * C(j, l) + C(i, l) * C(j, k));
  });
  return tensor;
}

/// The estimate of SampleCumulant by sums over all pairs of samples: products of the covariances of
/// *different* samples estimate C (x) C without bias.
inline ExplicitTensor unbiased_estimate(const Eigen::MatrixXd& x) {
  const auto P = static_cast<double>(x.cols());
  ExplicitTensor tensor = moment_estimate(x, 1.0, 0.0);
  for (Eigen::Index p = 0; p < x.cols(); ++p)
    for (Eigen::Index q = 0; q < x.cols(); ++q) {
      if (p == q) continue;
      tensor.add([&](auto i, auto j, auto k, auto l) {
        return -(x(i, p) * x(j, p) * x(k, q) * x(l, q) + x(i, p) * x(k, p) * x(j, q) * x(l, q) +
                 x(i, p) * x(l, p) * x(j, q) * x(k, q)) /
               (P * (P - 1.0));
      });
    }
  return tensor;
}

/// All shifts of every sample: N columns per sample, side by side.
inline Eigen::MatrixXd orbit(const Torus& torus, const Eigen::MatrixXd& x) {
  const Eigen::Index n = torus.sites();
  Eigen::MatrixXd shifts(n, n * x.cols());
  for (Eigen::Index p = 0; p < x.cols(); ++p)
    for (int s = 0; s < n; ++s) shifts.col(p * n + s) = shifted(torus, x.col(p), s);
  return shifts;
}

/// The estimate of OrbitCumulant: unbiased_estimate with the mean over all shifts of a sample in
/// place of the sample.
inline ExplicitTensor orbit_estimate(const Torus& torus, const Eigen::MatrixXd& x) {
  const Eigen::Index n = torus.sites();
  const auto P = static_cast<double>(x.cols());
  const Eigen::MatrixXd shifts = orbit(torus, x);
  ExplicitTensor tensor = moment_estimate(shifts, 1.0, 0.0);
  const auto covariance = [&](Eigen::Index p) -> Eigen::MatrixXd {
    const auto own = shifts.middleCols(p * n, n);
    return own * own.transpose() / static_cast<double>(n);
  };
  for (Eigen::Index p = 0; p < x.cols(); ++p)
    for (Eigen::Index q = 0; q < x.cols(); ++q) {
      if (p == q) continue;
      const Eigen::MatrixXd A = covariance(p), B = covariance(q);
      tensor.add([&](auto i, auto j, auto k, auto l) {
        return -(A(i, j) * B(k, l) + A(i, k) * B(j, l) + A(i, l) * B(j, k)) / (P * (P - 1.0));
      });
    }
  return tensor;
}

}  // namespace popflow::test
