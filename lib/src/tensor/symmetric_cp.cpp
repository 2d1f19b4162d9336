#include "popflow/tensor/symmetric_cp.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "popflow/input/random_stream.hpp"
#include "popflow/tensor/least_squares.hpp"
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

  MatrixXd step(double damping) const { return system_.step(gradient_, damping); }

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
