#include "popflow/tensor/symmetric_cp.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "popflow/input/random_stream.hpp"
#include "popflow/tensor/least_squares.hpp"
#include "popflow/tensor/signed_weights.hpp"

namespace popflow {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

double frobenius(const MatrixXd& a, const MatrixXd& b) { return a.cwiseProduct(b).sum(); }

// Signs s_r and vectors that carry the weights' magnitudes, |x_r|^4 = |lambda_r| times that of the
// unit vector, so that all unknowns are of one scale; with T[x_r, x_r, x_r, .].
struct ScaledFactors {
  VectorXd signs;
  MatrixXd X;
  MatrixXd image;
};

class SymmetricCpProblem {
 public:
  using Point = ScaledFactors;

  SymmetricCpProblem(const QuarticAction& form, double squared_norm)
      : form_(form), squared_norm_(squared_norm) {}

  Point at(MatrixXd X) const {
    Point point{{}, std::move(X), {}};
    point.image.resize(point.X.rows(), point.X.cols());
    form_.contract(point.X, point.image);
    balance(point);
    return point;
  }

  Point moved(const Point& from, const MatrixXd& step) const { return at(from.X + step); }

  double cost(const Point& p) const {  // (Eq. 28)
    const MatrixXd quartic = (p.X.transpose() * p.X).array().square().square();
    const VectorXd overlap = p.X.cwiseProduct(p.image).colwise().sum();
    return squared_norm_ - 2.0 * p.signs.dot(overlap) + p.signs.dot(quartic * p.signs);
  }

  void linearise(const Point& p) {
    X_ = p.X;
    const MatrixXd G = X_.transpose() * X_;
    const MatrixXd signs = p.signs * p.signs.transpose();
    cubes_ = signs.array() * G.array().cube();
    squares_ = 3.0 * signs.array() * G.array().square();
    norms_ = G.diagonal();
    gradient_ = X_ * cubes_ - p.image * p.signs.asDiagonal();
  }

  MatrixXd step(double damping) const {
    const double mu = damping * norms_.maxCoeff() * norms_.maxCoeff() * norms_.maxCoeff();
    return conjugate_gradients(mu);
  }

 private:
  static void balance(Point& p) {
    const MatrixXd quartic = (p.X.transpose() * p.X).array().square().square();
    const VectorXd overlap = p.X.cwiseProduct(p.image).colwise().sum();
    const auto [signs, scale] = optimal_weights(quartic, overlap);
    p.signs = signs;
    p.X *= scale.asDiagonal();
    p.image *= scale.array().cube().matrix().asDiagonal();
  }

  // (H + mu) P, H the Gauss-Newton matrix (Eq. 29) over four.
  MatrixXd gauss_newton(const MatrixXd& P, double mu) const {
    const MatrixXd overlap = P.transpose() * X_;  // (s, r): p_s . x_r
    return P * cubes_ + X_ * squares_.cwiseProduct(overlap) + mu * P;
  }

  // The inverse of the blocks r = s, |x|^6 + mu + 3 |x|^4 x x^T, by Sherman and Morrison.
  MatrixXd precondition(const MatrixXd& V, double mu) const {
    MatrixXd Z(V.rows(), V.cols());
    for (Index r = 0; r < V.cols(); ++r) {
      const double n = norms_[r], a = n * n * n + mu, b = 3.0 * n * n;
      const double along = X_.col(r).dot(V.col(r));
      Z.col(r) = V.col(r) / a - X_.col(r) * (b * along / (a * (a + b * n)));
    }
    return Z;
  }

  MatrixXd conjugate_gradients(double mu) const {
    // An inexact step is enough: the outer iteration corrects it.
    constexpr int most = 100;
    constexpr double reduction = 1e-6;  // of the squared residual
    MatrixXd P = MatrixXd::Zero(X_.rows(), X_.cols()), residual = -gradient_;
    MatrixXd Z = precondition(residual, mu), direction = Z;
    double rz = frobenius(residual, Z);
    const double enough = reduction * rz;
    for (int k = 0; k < most && rz > enough; ++k) {
      const MatrixXd image = gauss_newton(direction, mu);
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

  const QuarticAction& form_;
  double squared_norm_;
  // Of the point linearised at.
  MatrixXd X_, cubes_, squares_, gradient_;
  VectorXd norms_;
};

void check(const QuarticAction& form, const SymmetricCpOptions& options) {
  if (options.rank < 1)
    throw std::invalid_argument(fmt::format("rank {}: must be at least 1", options.rank));
  if (options.starts < 0 || (options.starts == 0 && options.more_starts.empty()))
    throw std::invalid_argument("starts: there must be at least one");
  for (const MatrixXd& start : options.more_starts)
    if (start.rows() != form.dimension || start.cols() != options.rank)
      throw std::invalid_argument(
          fmt::format("start of {} x {}: must be {} x {} (dimension x rank)", start.rows(),
                      start.cols(), form.dimension, options.rank));
}

MatrixXd random_start(Index dimension, const SymmetricCpOptions& options, int index) {
  RandomStream stream(options.seed, Purpose::decomposition, static_cast<std::uint64_t>(index));
  MatrixXd X(dimension, options.rank);
  stream.fill_normal(X.reshaped());
  return X;
}

}  // namespace

SymmetricCpFit symmetric_cp(const QuarticAction& form, double squared_norm,
                            const SymmetricCpOptions& options) {
  check(form, options);
  SymmetricCpProblem problem(form, squared_norm);
  const double floor = 1e-15 * squared_norm;
  // All starts go far enough to be told apart, the best to its end.
  const LeastSquaresOptions screening{40, 1e-2, floor, 2, 1e-2},
      polishing{options.iterations, options.tolerance, floor, 3, 1e-4};

  std::vector<MatrixXd> starts = options.more_starts;
  for (int k = 0; k < options.starts; ++k)
    starts.push_back(random_start(form.dimension, options, k));
  std::vector<LeastSquaresFit<ScaledFactors>> screened;
  SymmetricCpFit result{};
  const auto relative = [&](double cost) { return std::sqrt(std::max(cost, 0.0) / squared_norm); };
  for (MatrixXd& start : starts) {
    screened.push_back(levenberg_marquardt(problem, problem.at(std::move(start)), screening));
    result.start_errors.push_back(relative(screened.back().cost));
  }
  const auto best = std::min_element(screened.begin(), screened.end(),
                                     [](const auto& a, const auto& b) { return a.cost < b.cost; });
  const auto fit = levenberg_marquardt(problem, std::move(best->point), polishing);
  result.factors = normalised({fit.point.signs, fit.point.X});
  result.relative_error = relative(fit.cost);
  result.iterations = fit.iterations;
  return result;
}

}  // namespace popflow
