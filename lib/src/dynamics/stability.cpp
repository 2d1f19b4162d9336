#include "popflow/dynamics/stability.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <fmt/core.h>

#include "dynamics/lattice_motion.hpp"
#include "lattice/symmetric_eigen.hpp"

namespace popflow {

namespace {

constexpr double asymmetry = 1e-8;  // of numerical derivatives, with a margin

std::vector<Eigen::Index> by_falling(const Eigen::VectorXd& values) {
  std::vector<Eigen::Index> order(static_cast<std::size_t>(values.size()));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](Eigen::Index a, Eigen::Index b) { return values[a] > values[b]; });
  return order;
}

Stability sorted(const Eigen::VectorXcd& values, const Eigen::MatrixXcd& vectors, bool symmetric) {
  const std::vector<Eigen::Index> order = by_falling(values.real());
  return {values.real()(order), values.imag()(order), vectors(Eigen::all, order), symmetric};
}

// An orthonormal basis of the columns' span.
Eigen::MatrixXd basis(const Eigen::MatrixXd& columns) {
  if (columns.cols() == 0 || columns.isZero(0.0)) return {columns.rows(), 0};
  Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(columns);
  qr.setThreshold(vanishing_derivative);
  return qr.householderQ() * Eigen::MatrixXd::Identity(columns.rows(), qr.rank());
}

void check(const Eigen::MatrixXd& jacobian) {
  if (jacobian.size() == 0 || jacobian.rows() != jacobian.cols() || !jacobian.allFinite())
    throw std::invalid_argument(fmt::format("Jacobian of {} x {}: must be square and finite",
                                            jacobian.rows(), jacobian.cols()));
}

bool is_symmetric(const Eigen::MatrixXd& jacobian) {
  return (jacobian - jacobian.transpose()).norm() <= asymmetry * jacobian.norm();
}

Eigen::MatrixXd symmetrised(const Eigen::MatrixXd& jacobian) {
  return 0.5 * (jacobian + jacobian.transpose());
}

}  // namespace

Stability stability(const Eigen::MatrixXd& jacobian) {
  check(jacobian);
  if (is_symmetric(jacobian)) {
    const SymmetricEigen eigen = symmetric_eigen(symmetrised(jacobian));
    return sorted(eigen.eigenvalues(), eigen.eigenvectors(), true);
  }
  const Eigen::EigenSolver<Eigen::MatrixXd> eigen(jacobian);
  return sorted(eigen.eigenvalues(), eigen.eigenvectors(), false);
}

double largest_growth(const Eigen::MatrixXd& jacobian) {
  check(jacobian);
  return is_symmetric(jacobian) ? symmetric_eigen(symmetrised(jacobian), Eigen::EigenvaluesOnly)
                                      .eigenvalues()
                                      .maxCoeff()
                                : jacobian.eigenvalues().real().maxCoeff();
}

std::vector<TranslationMode> translation_modes(const Stability& stability,
                                               const Eigen::MatrixXd& translations) {
  if (translations.rows() != stability.direction.rows())
    throw std::invalid_argument(fmt::format("translations of {} entries: the state has {}",
                                            translations.rows(), stability.direction.rows()));
  const Eigen::MatrixXd span = basis(translations);
  const Eigen::VectorXd overlap =
      (span.transpose() * stability.direction).colwise().norm().transpose();
  const std::vector<Eigen::Index> order = by_falling(overlap);
  std::vector<TranslationMode> modes;
  for (Eigen::Index i = 0; i < span.cols(); ++i) {
    const Eigen::Index index = order[static_cast<std::size_t>(i)];
    modes.push_back({index, stability.growth[index], overlap[index]});
  }
  return modes;
}

}  // namespace popflow
