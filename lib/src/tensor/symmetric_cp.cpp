#include "popflow/tensor/symmetric_cp.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include <Eigen/Cholesky>
#include <fmt/core.h>

#include "popflow/input/random_stream.hpp"
#include "popflow/moments/interrupted.hpp"
#include "popflow/tensor/least_squares.hpp"
#include "popflow/tensor/power_method.hpp"
#include "popflow/tensor/signed_weights.hpp"

#include "tensor/normalise.hpp"
#include "tensor/symmetric_gauss_newton.hpp"

namespace popflow {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Signs s_r, vectors x_r, and T[x_r, x_r, x_r, .]. The vectors carry the magnitudes of the weights,
// |x_r|^4 = |lambda_r|, so that all unknowns have the same scale.
struct ScaledFactors {
  VectorXd signs;
  MatrixXd X;      // n x R
  MatrixXd image;  // n x R
};

// Entry (r, s): <x_r^(x4), x_s^(x4)>.
MatrixXd quartic_products(const MatrixXd& X) {
  return (X.transpose() * X).array().square().square();
}

// Entry r: T[x_r, x_r, x_r, x_r].
VectorXd overlaps(const MatrixXd& X, const MatrixXd& image) {
  return X.cwiseProduct(image).colwise().sum();
}

class SymmetricCpProblem {
 public:
  using Point = ScaledFactors;

  SymmetricCpProblem(const QuarticAction& form, double squared_norm)
      : form_(form), squared_norm_(squared_norm) {}

  Point at(MatrixXd X) const {
    MatrixXd image(X.rows(), X.cols());
    form_.contract(X, image);
    const auto [signs, scale] = optimal_weights(quartic_products(X), overlaps(X, image));
    X *= scale.asDiagonal();
    image *= scale.array().cube().matrix().asDiagonal();
    return {signs, std::move(X), std::move(image)};
  }

  Point moved(const Point& from, const MatrixXd& step) const { return at(from.X + step); }

  double cost(const Point& p) const {  // (Eq. 28)
    return squared_norm_ - 2.0 * p.signs.dot(overlaps(p.X, p.image)) +
           p.signs.dot(quartic_products(p.X) * p.signs);
  }

  void linearise(const Point& p) {
    system_.linearise(p.signs, p.X);
    gradient_ = system_.gradient(p.image);
  }

  // The step is inexact; the next step corrects it.
  MatrixXd step(double damping) const { return system_.step(gradient_, damping, 1e-3); }

 private:
  const QuarticAction& form_;
  double squared_norm_;
  // At the point of the last linearise().
  SymmetricGaussNewton system_;
  MatrixXd gradient_;
};

using SymmetricFit = LeastSquaresFit<ScaledFactors>;

void check(const QuarticAction& form, double squared_norm, const SymmetricCpOptions& options) {
  if (options.rank < 1)
    throw std::invalid_argument(fmt::format("rank {}: must be at least 1", options.rank));
  if (!(squared_norm > 0.0))
    throw std::invalid_argument(fmt::format("|T|^2 = {}: must be positive", squared_norm));
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

// The remainder T - sum_r s_r x_r^(x4).
struct Remainder {
  const QuarticAction& form;
  const ScaledFactors& factors;

  Index dimension() const { return form.dimension; }

  void contract(const MatrixXd& X, MatrixXd& out) const {
    form.contract(X, out);
    const MatrixXd overlap = factors.X.transpose() * X;
    out.noalias() -= factors.X * (factors.signs.asDiagonal() * overlap.array().cube().matrix());
  }
};

// A vector x such that x^(x4) or -x^(x4) is close to the best approximation of rank 1.
VectorXd peak(const Remainder& remainder, RandomStream stream,
              const std::function<bool()>& interrupted) {
  const PowerOptions coarse{50, 1e-3, interrupted};
  VectorXd start(remainder.dimension());
  stream.fill_normal(start);
  const ZEigenpair top = z_eigenpair(remainder, start, Ascent::maximum, coarse),
                   bottom = z_eigenpair(remainder, start, Ascent::minimum, coarse);
  const ZEigenpair& best = std::abs(top.lambda) > std::abs(bottom.lambda) ? top : bottom;
  return best.vector * std::pow(std::abs(best.lambda), 0.25);
}

// The numbers of the vectors, the smallest contribution first. The contribution of vector r is the
// rise of the squared error without it, after a refit of the other weights: 1 / (Q^-1)_rr, where
// Q_rs = <x_r^(x4), x_s^(x4)> and all lambda_r = s_r = +-1.
std::vector<Index> weakest_first(const MatrixXd& X) {
  MatrixXd quartic = quartic_products(X);
  quartic.diagonal() *= 1.0 + 1e-12;
  const MatrixXd inverse = quartic.ldlt().solve(MatrixXd::Identity(X.cols(), X.cols()));
  return falling_order(inverse.diagonal());
}

struct Search {
  const QuarticAction& form;
  SymmetricCpProblem problem;
  const SymmetricCpOptions& options;
  double floor;  // a cost of at most this is an exact fit

  // Follows a start far enough to compare it with other starts. Renewals leave the minima in which
  // two vectors share the work of one, or one vector does the work of several.
  SymmetricFit screened(MatrixXd start, std::uint64_t index) {
    const LeastSquaresOptions coarse{.iterations = 40,
                                     .tolerance = 1e-2,
                                     .floor = floor,
                                     .patience = 2,
                                     .damping = 1e-2,
                                     .interrupted = options.interrupted};
    SymmetricFit fit = levenberg_marquardt(problem, problem.at(std::move(start)), coarse);
    const std::size_t patience = std::min<std::size_t>(3, fit.point.X.cols());
    std::size_t failures = 0;
    for (int k = 0; k < options.renewals && failures < patience && !settled(fit); ++k) {
      const RandomStream stream(options.seed, Purpose::decomposition, index, 1 + k);
      MatrixXd X = fit.point.X;
      X.col(weakest_first(X)[failures]) = peak({form, fit.point}, stream, options.interrupted);
      SymmetricFit trial = levenberg_marquardt(problem, problem.at(std::move(X)), coarse);
      const bool better = trial.cost < 0.999 * fit.cost;
      failures = better ? 0 : failures + 1;
      if (better) fit = std::move(trial);
    }
    return fit;
  }

  SymmetricFit polished(SymmetricFit fit) {
    const LeastSquaresOptions fine{.iterations = options.iterations,
                                   .tolerance = options.tolerance,
                                   .floor = floor,
                                   .damping = 1e-4,
                                   .interrupted = options.interrupted};
    fit = levenberg_marquardt(problem, std::move(fit.point), fine);
    // The cost does not resolve the last digits of an exact fit; the gradient does.
    for (int k = 0; k < 2 && exact(fit); ++k) {
      problem.linearise(fit.point);
      ScaledFactors next = problem.moved(fit.point, problem.step(1e-12));
      if (problem.cost(next) <= floor) fit.point = std::move(next);
    }
    return fit;
  }

  bool exact(const SymmetricFit& fit) const { return fit.cost <= floor; }

  // Whether the search ends here.
  bool settled(const SymmetricFit& fit) const {
    return exact(fit) || is_interrupted(options.interrupted);
  }
};

}  // namespace

SymmetricCpFit symmetric_cp(const QuarticAction& form, double squared_norm,
                            const SymmetricCpOptions& options) {
  check(form, squared_norm, options);
  Search search{form, {form, squared_norm}, options, 1e-15 * squared_norm};
  const auto relative = [&](const SymmetricFit& fit) {
    return std::sqrt(std::max(fit.cost, 0.0) / squared_norm);
  };
  std::vector<double> start_errors;
  SymmetricFit best{};
  const int given = static_cast<int>(options.more_starts.size()), all = given + options.starts;
  for (int k = 0; k < all; ++k) {
    SymmetricFit fit = search.screened(k < given ? options.more_starts[static_cast<std::size_t>(k)]
                                                 : random_start(form.dimension, options, k - given),
                                       static_cast<std::uint64_t>(k));
    start_errors.push_back(relative(fit));
    if (k == 0 || fit.cost < best.cost) best = std::move(fit);
    if (search.settled(best)) break;
  }
  best = search.polished(std::move(best));
  return {normalised({best.point.signs, best.point.X}), relative(best), best.iterations,
          std::move(start_errors)};
}

}  // namespace popflow
