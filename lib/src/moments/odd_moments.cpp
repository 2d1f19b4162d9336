#include "popflow/moments/odd_moments.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <Eigen/Eigenvalues>

#include "popflow/lattice/quadrature.hpp"

namespace popflow {

namespace {

constexpr int highest_order = 401;

// Minus the logarithm of what the quadrature may leave out: 1e-8.
constexpr double log_accuracy = 18.4;

// Variance of an axis along which nothing moves, since sites coincide.
constexpr double coincident = 1e-12;

// A kink at 0 leaves errors of the fourth power of the step. The factor by which the step may be
// shorter if fewer axes are left, at the cost of four axes.
constexpr std::array<double, 4> kink_refinement{32.0, 10.0, 2.0, 1.0};

double normal_density(double z) {
  return std::numbers::inv_sqrtpi / std::numbers::sqrt2 * std::exp(-0.5 * z * z);
}

// c_1, c_3, ... : c_n = E psi(z) h_n(z), with the orthonormal h_n = He_n / sqrt(n!). Panels are
// shorter than the wavelength pi / sqrt n. h_n n(z) falls as exp(-z^2 / 4), psi grows less than
// exp(z^2 / 8).
Eigen::VectorXd hermite_coefficients(const OddTable& psi) {
  constexpr int panels = 96, nodes_each = 16;
  constexpr double end = 18.0;
  Eigen::VectorXd c = Eigen::VectorXd::Zero((highest_order + 1) / 2);
  for (int panel = 0; panel < panels; ++panel) {
    const QuadratureRule rule =
        gauss_legendre(nodes_each, end * panel / panels, end * (panel + 1) / panels);
    for (int m = 0; m < nodes_each; ++m) {
      const double z = rule.nodes[m];
      const double weight = 2.0 * rule.weights[m] * psi(z) * normal_density(z);
      double before = 0.0, h = 1.0;  // orders n - 1 and n
      for (int n = 0; n < highest_order; ++n) {
        const double next = (z * h - std::sqrt(n) * before) / std::sqrt(n + 1.0);
        before = h, h = next;
        if (n % 2 == 0) c[n / 2] += weight * h;
      }
    }
  }
  return c;
}

}  // namespace

OddTwoPoint::OddTwoPoint(const OddTable& psi, double variance) {
  const Eigen::VectorXd c = hermite_coefficients(psi);
  power_.resize(c.size() + 1);
  power_.head(c.size()) = c.cwiseAbs2();
  power_[c.size()] = variance - c.squaredNorm();
}

double OddTwoPoint::operator()(double c) const {
  double sum = 0.0;
  for (Eigen::Index n = power_.size() - 1; n >= 0; --n) sum = sum * c * c + power_[n];
  return c * sum;
}

// A principal axis, in units of its own standard deviation.
struct OddFourPoint::Axis {
  Eigen::Array4d step;  // of the four z, from node to node
  double h;
  double reach;
};

OddFourPoint::OddFourPoint(OddTable psi, const OddShape& shape)
    : psi_(std::move(psi)), shape_(shape) {
  // In units of the slope of erf(z / sqrt 2), scaled to unit variance.
  constexpr double step = 1e-3;
  const double erf_slope = std::sqrt(6.0 / std::numbers::pi);
  steepness_ = std::max(1.0, psi_(step) / step / erf_slope);
}

OddFourPoint::Axis OddFourPoint::axis_of(double variance, const Eigen::Vector4d& direction,
                                         double refinement) const {
  const double bandwidth2 = 1.0 + variance * steepness_ * steepness_;
  const double h = 2.0 * std::numbers::pi / std::sqrt(2.0 * log_accuracy * bandwidth2) / refinement;
  // Polynomial factors, such as those of Laplace's law, put off the end of the Gaussian by 2.
  const double reach = (2.0 + std::sqrt(2.0 * log_accuracy)) /
                       std::sqrt(std::max(1e-3, 1.0 - shape_.growth * variance));
  return {h * std::sqrt(variance) * direction.array(), h, std::min(reach, OddTable::reach)};
}

// The sum over the nodes of the remaining axes, within the ellipsoid. `room` is what is left of its
// squared radius.
double OddFourPoint::sum(const Axis* axis, int axes, const Eigen::Array4d& z, double room) const {
  if (axes == 0) return psi_(z[0]) * psi_(z[1]) * psi_(z[2]) * psi_(z[3]);
  const int most = static_cast<int>(axis->reach * std::sqrt(std::max(0.0, room)) / axis->h);
  double total = 0.0;
  for (int j = -most; j <= most; ++j) {
    const double y = j * axis->h, part = y / axis->reach;
    total += normal_density(y) * sum(axis + 1, axes - 1, z + j * axis->step, room - part * part);
  }
  return axis->h * total;
}

double OddFourPoint::operator()(const FourCorrelations& c) const {
  Eigen::Matrix4d correlations;
  correlations << 1.0, c.c12, c.c13, c.c14, c.c12, 1.0, c.c23, c.c24, c.c13, c.c23, 1.0, c.c34,
      c.c14, c.c24, c.c34, 1.0;
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix4d> solver(correlations);
  const Eigen::Vector4d& variance = solver.eigenvalues();
  const int resting = static_cast<int>((variance.array() < coincident).count()),
            count = 4 - resting;
  const double refinement = shape_.kinked ? kink_refinement[count - 1] : 1.0;
  std::array<Axis, 4> axes;
  for (int k = 0; k < count; ++k)
    axes[k] = axis_of(variance[resting + k], solver.eigenvectors().col(resting + k), refinement);
  return sum(axes.data(), count, Eigen::Array4d::Zero(), 1.0);
}

}  // namespace popflow
