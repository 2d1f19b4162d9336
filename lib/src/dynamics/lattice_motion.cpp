#include "dynamics/lattice_motion.hpp"

#include <stdexcept>

#include <Eigen/QR>
#include <fmt/core.h>

#include "popflow/dynamics/stability.hpp"

namespace popflow {

Eigen::MatrixXd translations(const Torus& torus, int neurons, const Eigen::VectorXd& w) {
  return LatticeMotion(detail::WeightsOnLattice{torus, neurons, true}, w.size()).translations(w);
}

Eigen::MatrixXd translations(const State& w) {
  return LatticeMotion(detail::weights_on_lattice(w.layout()), w.values().size())
      .translations(w.values());
}

LatticeMotion::LatticeMotion(const std::optional<detail::WeightsOnLattice>& weights,
                             Eigen::Index size) {
  if (!weights) return;
  const auto& [torus, neurons, over_sites] = *weights;
  if (neurons < 1 || size / neurons < torus.sites())
    throw std::invalid_argument(fmt::format("state of {} entries: {} neurons on {} sites have more",
                                            size, neurons, torus.sites()));
  basis_.emplace(torus);
  neurons_ = neurons;
  over_sites_ = over_sites;
}

template <class Motion>
void LatticeMotion::move_weights(const Eigen::VectorXd& w, const Motion& motion,
                                 Eigen::Ref<Eigen::VectorXd> out) const {
  const Eigen::Index N = basis_->torus().sites();
  Field coefficients(N);
  for (int k = 0; k < neurons_; ++k) {
    const auto weights = w.segment(k * N, N);
    auto moved = out.segment(k * N, N);
    if (over_sites_) {
      basis_->from_sites(weights, coefficients);
      basis_->to_sites(motion(coefficients), moved);
    } else {
      moved = motion(weights);
    }
  }
}

double LatticeMotion::least_derivative(const Eigen::VectorXd& w) const {
  return vanishing_derivative * w.head(neurons_ * Eigen::Index{basis_->torus().sites()}).norm();
}

Eigen::MatrixXd LatticeMotion::translations(const Eigen::VectorXd& w) const {
  Eigen::MatrixXd result = Eigen::MatrixXd::Zero(w.size(), axes());
  const double least = least_derivative(w);
  for (int axis = 0; axis < axes(); ++axis) {
    move_weights(
        w, [&](const auto& weights) { return basis_->derivative(weights, axis); },
        result.col(axis));
    if (result.col(axis).norm() <= least) result.col(axis).setZero();
  }
  return result;
}

// The columns of D are minus the velocity's: a field that moves by c changes at the rate -D c.
SplitRate LatticeMotion::split(const Eigen::VectorXd& w, const Eigen::VectorXd& f) const {
  if (!basis_) return {Eigen::MatrixXd(w.size(), 0), Eigen::VectorXd(0), f, 0.0};
  const Eigen::MatrixXd D = translations(w);
  // Thresholds are relative to the first pivot, which is the largest norm of a column.
  Eigen::CompleteOrthogonalDecomposition<Eigen::MatrixXd> factors;
  factors.setThreshold(least_derivative(w) / D.colwise().norm().maxCoeff());
  factors.compute(D);
  SplitRate parts;
  parts.basis = factors.householderQ() * Eigen::MatrixXd::Identity(D.rows(), factors.rank());
  const Eigen::VectorXd along = parts.basis.transpose() * f;
  parts.drift = -factors.solve(f);
  parts.across = f - parts.basis * along;
  parts.along = along.norm();
  return parts;
}

Eigen::VectorXd LatticeMotion::moved(const Eigen::VectorXd& w, int axis, double sites) const {
  Eigen::VectorXd result = w;
  move_weights(
      w, [&](const auto& weights) { return basis_->displaced(weights, axis, sites); }, result);
  return result;
}

}  // namespace popflow
