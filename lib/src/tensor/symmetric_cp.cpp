#include "popflow/tensor/symmetric_cp.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>

#include <Eigen/Cholesky>
#include <fmt/core.h>

#include "popflow/input/random_stream.hpp"
#include "popflow/tensor/least_squares.hpp"
#include "popflow/tensor/power_method.hpp"
#include "popflow/tensor/signed_weights.hpp"

#include "tensor/symmetric_gauss_newton.hpp"

namespace popflow {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

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
    system_.linearise(p.signs, p.X);
    gradient_ = system_.gradient(p.image);
  }

  // An inexact step is enough: the next one corrects it.
  MatrixXd step(double damping) const { return system_.step(gradient_, damping, 1e-3); }

 private:
  static void balance(Point& p) {
    const MatrixXd quartic = (p.X.transpose() * p.X).array().square().square();
    const VectorXd overlap = p.X.cwiseProduct(p.image).colwise().sum();
    const auto [signs, scale] = optimal_weights(quartic, overlap);
    p.signs = signs;
    p.X *= scale.asDiagonal();
    p.image *= scale.array().cube().matrix().asDiagonal();
  }

  const QuarticAction& form_;
  double squared_norm_;
  // Of the point linearised at.
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

// T - sum_r s_r x_r^(x4).
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

// A vector x for which +-x^(x4) is close to the best approximation of rank 1.
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

// Vectors in order of what they contribute: the rise of the squared error without vector r, the
// other weights refitted, is lambda_r^2 / (Q^-1)_rr, with Q the products <x_r^(x4), x_s^(x4)>.
std::vector<Index> weakest_first(const MatrixXd& X) {
  MatrixXd quartic = (X.transpose() * X).array().square().square();
  quartic.diagonal() *= 1.0 + 1e-12;
  const MatrixXd inverse = quartic.ldlt().solve(MatrixXd::Identity(X.cols(), X.cols()));
  std::vector<Index> order(static_cast<std::size_t>(X.cols()));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](Index a, Index b) { return inverse(a, a) > inverse(b, b); });
  return order;
}

class Search {
 public:
  Search(const QuarticAction& form, double squared_norm, const SymmetricCpOptions& options)
      : form_(form),
        problem_(form, squared_norm),
        options_(options),
        floor_(1e-15 * squared_norm) {}

  // Far enough to be told from other starts, and out of those minima where two vectors share what
  // one could do, or several one has.
  SymmetricFit screened(MatrixXd start, std::uint64_t index) {
    const LeastSquaresOptions coarse{40, 1e-2, floor_, 2, 1e-2, options_.interrupted};
    SymmetricFit fit = levenberg_marquardt(problem_, problem_.at(std::move(start)), coarse);
    const std::size_t patience = std::min<std::size_t>(3, fit.point.X.cols());
    std::size_t failures = 0;
    for (int k = 0; k < options_.renewals && failures < patience && !settled(fit); ++k) {
      const RandomStream stream(options_.seed, Purpose::decomposition, index, 1 + k);
      MatrixXd X = fit.point.X;
      X.col(weakest_first(X)[failures]) = peak({form_, fit.point}, stream, options_.interrupted);
      SymmetricFit trial = levenberg_marquardt(problem_, problem_.at(std::move(X)), coarse);
      const bool better = trial.cost < 0.999 * fit.cost;
      failures = better ? 0 : failures + 1;
      if (better) fit = std::move(trial);
    }
    return fit;
  }

  SymmetricFit polished(SymmetricFit fit) {
    const LeastSquaresOptions fine{options_.iterations, options_.tolerance, floor_, 3, 1e-4,
                                   options_.interrupted};
    fit = levenberg_marquardt(problem_, std::move(fit.point), fine);
    // The cost does not resolve the last digits of an exact fit, but the gradient does.
    for (int k = 0; k < 2 && exact(fit); ++k) {
      problem_.linearise(fit.point);
      ScaledFactors next = problem_.moved(fit.point, problem_.step(1e-12));
      if (problem_.cost(next) <= floor_) fit.point = std::move(next);
    }
    return fit;
  }

  bool exact(const SymmetricFit& fit) const { return fit.cost <= floor_; }

  // Whether there is nothing more to try.
  bool settled(const SymmetricFit& fit) const {
    return exact(fit) || (options_.interrupted && options_.interrupted());
  }

 private:
  const QuarticAction& form_;
  SymmetricCpProblem problem_;
  const SymmetricCpOptions& options_;
  double floor_;
};

}  // namespace

SymmetricCpFit symmetric_cp(const QuarticAction& form, double squared_norm,
                            const SymmetricCpOptions& options) {
  check(form, squared_norm, options);
  Search search(form, squared_norm, options);
  const auto relative = [&](const SymmetricFit& fit) {
    return std::sqrt(std::max(fit.cost, 0.0) / squared_norm);
  };
  SymmetricCpFit result{};
  SymmetricFit best{};
  const int given = static_cast<int>(options.more_starts.size()), all = given + options.starts;
  for (int k = 0; k < all; ++k) {
    SymmetricFit fit = search.screened(k < given ? options.more_starts[static_cast<std::size_t>(k)]
                                                 : random_start(form.dimension, options, k - given),
                                       static_cast<std::uint64_t>(k));
    result.start_errors.push_back(relative(fit));
    if (k == 0 || fit.cost < best.cost) best = std::move(fit);
    if (search.settled(best)) break;
  }
  best = search.polished(std::move(best));
  result.factors = normalised({best.point.signs, best.point.X});
  result.relative_error = relative(best);
  result.iterations = best.iterations;
  return result;
}

}  // namespace popflow
