#include "tensor/symmetric_gauss_newton.hpp"

namespace popflow {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

double frobenius(const MatrixXd& a, const MatrixXd& b) { return a.cwiseProduct(b).sum(); }

}  // namespace

void SymmetricGaussNewton::linearise(const VectorXd& signs, const MatrixXd& X) {
  signs_ = signs;
  factors_ = X;
  const MatrixXd G = factors_.transpose() * factors_;
  const MatrixXd products = signs * signs.transpose();
  cubes_ = products.array() * G.array().cube();
  squares_ = 3.0 * products.array() * G.array().square();
  norms_ = G.diagonal();
}

MatrixXd SymmetricGaussNewton::gradient(const MatrixXd& image) const {
  return factors_ * cubes_ - image * signs_.asDiagonal();
}

// (H + mu) P (Eq. 29).
MatrixXd SymmetricGaussNewton::apply(const MatrixXd& P, double mu) const {
  const MatrixXd overlap = P.transpose() * factors_;  // entry (s, r): p_s . x_r
  return P * cubes_ + factors_ * squares_.cwiseProduct(overlap) + mu * P;
}

// The inverse of the blocks r = s, |x|^6 + mu + 3 |x|^4 x x^T, by the Sherman-Morrison formula.
MatrixXd SymmetricGaussNewton::precondition(const MatrixXd& V, double mu) const {
  MatrixXd Z(V.rows(), V.cols());
  for (Index r = 0; r < V.cols(); ++r) {
    const double n = norms_[r], a = n * n * n + mu, b = 3.0 * n * n;
    const double along = factors_.col(r).dot(V.col(r));
    Z.col(r) = V.col(r) / a - factors_.col(r) * (b * along / (a * (a + b * n)));
  }
  return Z;
}

MatrixXd SymmetricGaussNewton::step(const MatrixXd& gradient, double damping,
                                    double reduction) const {
  constexpr int most = 100;
  const double largest = norms_.maxCoeff(), mu = damping * largest * largest * largest;
  MatrixXd P = MatrixXd::Zero(factors_.rows(), factors_.cols()), residual = -gradient;
  MatrixXd Z = precondition(residual, mu), direction = Z;
  double rz = frobenius(residual, Z);
  const double enough = reduction * rz;
  for (int k = 0; k < most && rz > enough; ++k) {
    const MatrixXd image = apply(direction, mu);
    const double length = rz / frobenius(direction, image);
    P += length * direction;
    residual -= length * image;
    Z = precondition(residual, mu);
    const double next = frobenius(residual, Z);
    direction = Z + next / rz * direction;
    rz = next;
  }
  return P;
}

}  // namespace popflow
