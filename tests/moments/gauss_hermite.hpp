#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include "popflow/lattice/quadrature.hpp"
#include "popflow/moments/four_point.hpp"

#include "four_correlations.hpp"

namespace popflow::test {

/// Element by element.
template <class Derived>
typename Derived::PlainObject erf_of(const Eigen::ArrayBase<Derived>& x) {
  return x.unaryExpr([](double argument) { return std::erf(argument); });
}

/// E f(y) ~ sum_m weights(m) f(nodes(m)) for standard normal y, by Golub and Welsch: the nodes are
/// the eigenvalues of the Jacobi matrix of the Hermite polynomials He_k.
inline QuadratureRule gauss_hermite(int n) {
  const Eigen::VectorXd beside =
      n > 1 ? Eigen::VectorXd(Eigen::VectorXd::LinSpaced(n - 1, 1, n - 1).cwiseSqrt())
            : Eigen::VectorXd();
  Eigen::MatrixXd jacobi = Eigen::MatrixXd::Zero(n, n);
  for (int k = 0; k + 1 < n; ++k) jacobi(k, k + 1) = jacobi(k + 1, k) = beside[k];
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(jacobi);
  return {solver.eigenvalues(), solver.eigenvectors().row(0).transpose().cwiseAbs2()};
}

/// E x_1 x_2 x_3 x_4 of the erf field by tensor Gauss-Hermite integration along the principal axes
/// of the latent Gaussian: slow, and for gains below 1 only.
///
/// Along an axis of variance v, the product of four erfs grows in the complex plane like
/// exp(g^2 v y^2 / 2). Its Hermite coefficients therefore fall like (g^2 v / (1 + g^2 v))^(k/2). A
/// rule of n nodes is exact up to degree 2n - 1, and errs by (g^2 v / (1 + g^2 v))^n. Each axis
/// takes enough nodes for 1e-16.
class GaussHermiteFourPoint {
 public:
  GaussHermiteFourPoint(const FourCorrelations& c, double gain) {
    const Eigen::SelfAdjointEigenSolver<Eigen::Matrix4d> solver(matrix(c));
    for (int axis = 0; axis < 4; ++axis) {
      const double variance = std::max(solver.eigenvalues()[axis], 0.0);
      steps_[axis] = gain * std::sqrt(0.5 * variance) * solver.eigenvectors().col(axis).array();
      rules_[axis] = gauss_hermite(nodes(gain * gain * variance));
    }
    const QuadratureRule site = gauss_hermite(nodes(gain * gain));
    const Eigen::ArrayXd x = erf_of(gain * std::sqrt(0.5) * site.nodes.array());
    const double variance = (site.weights.array() * x.square()).sum();
    value_ = sum(0, Eigen::Array4d::Zero()) / (variance * variance);
  }

  double value() const { return value_; }

 private:
  static int nodes(double growth) {
    return 4 + static_cast<int>(std::log(1e-16) / std::log(growth / (1.0 + growth) + 1e-30));
  }

  // E of the product of erfs over the axes from `axis` on, the arguments so far being given.
  double sum(int axis, const Eigen::Array4d& arguments) const {
    if (axis == 4) return erf_of(arguments).prod();
    const QuadratureRule& rule = rules_[axis];
    double total = 0.0;
    for (Eigen::Index m = 0; m < rule.nodes.size(); ++m)
      total += rule.weights[m] * sum(axis + 1, arguments + rule.nodes[m] * steps_[axis]);
    return total;
  }

  std::array<Eigen::Array4d, 4> steps_;
  std::array<QuadratureRule, 4> rules_;
  double value_;
};

}  // namespace popflow::test
