#pragma once

#include <algorithm>
#include <concepts>
#include <functional>

#include "popflow/lattice/eigen.hpp"

namespace popflow {

/// A least-squares problem |residual(x)|^2 whose Gauss-Newton matrix is known in closed form,
/// though the residual, a whole tensor, is never formed.
///
///     cost(x)        |residual|^2, >= 0 up to rounding
///     linearise(x)   prepares gradient and Gauss-Newton matrix H at x
///     step(mu)       -(H + mu D)^-1 gradient there, D a positive diagonal
///     moved(x, p)    the point that a step p from x leads to; may also put linear parameters (the
///                    weights lambda) at their optimum, or change gauge
template <class P>
concept LeastSquaresProblem = requires(P& problem, const typename P::Point& x,
                                       const Eigen::MatrixXd& p, double damping) {
  { problem.cost(x) } -> std::convertible_to<double>;
  problem.linearise(x);
  { problem.step(damping) } -> std::convertible_to<Eigen::MatrixXd>;
  { problem.moved(x, p) } -> std::convertible_to<typename P::Point>;
};

/// -(H + mu D)^-1 gradient by Cholesky, D the largest diagonal entry of H times the identity. Of
/// `normal` = H the upper triangle is read; the gradient's columns, one below the other, are the
/// unknowns.
Eigen::MatrixXd damped_step(const Eigen::MatrixXd& normal, const Eigen::MatrixXd& gradient,
                            double damping);

/// When `levenberg_marquardt` stops.
struct LeastSquaresOptions {
  int iterations = 200;     ///< at most
  double tolerance = 1e-6;  ///< stop where a step lowers the cost by less than this fraction ...
  double floor = 0.0;       ///< ... or the cost is below this, which rounding cannot resolve
  int patience = 3;         ///< ... so many times in a row
  double damping = 1e-3;    ///< first mu
  std::function<bool()> interrupted = {};  ///< asked before every step; true stops there
};

/// Where the iteration ended: the point, its cost, and the iterations taken.
template <class Point>
struct LeastSquaresFit {
  Point point;
  double cost;
  int iterations;
};

/// Levenberg-Marquardt: the cost never rises. Close to a point of zero residual it converges
/// quadratically; each rejected step multiplies the damping by 4, each accepted one divides it
/// by 5.
template <LeastSquaresProblem Problem>
LeastSquaresFit<typename Problem::Point> levenberg_marquardt(Problem& problem,
                                                             typename Problem::Point start,
                                                             const LeastSquaresOptions& options) {
  constexpr double least_damping = 1e-13, most_damping = 1e6;
  LeastSquaresFit<typename Problem::Point> fit{std::move(start), 0.0, 0};
  fit.cost = problem.cost(fit.point);
  const auto stopped = [&options] { return options.interrupted && options.interrupted(); };
  double mu = options.damping;
  int slow = 0;
  while (fit.iterations < options.iterations && slow < options.patience &&
         fit.cost > options.floor && !stopped()) {
    problem.linearise(fit.point);
    const double before = fit.cost;
    while (mu < most_damping && !stopped()) {
      auto trial = problem.moved(fit.point, problem.step(mu));
      const double cost = problem.cost(trial);
      if (cost < fit.cost) {
        fit.point = std::move(trial);
        fit.cost = cost;
        mu = std::max(mu / 5.0, least_damping);
        break;
      }
      mu *= 4.0;
    }
    if (fit.cost == before) break;
    ++fit.iterations;
    slow = before - fit.cost < options.tolerance * before ? slow + 1 : 0;
  }
  return fit;
}

}  // namespace popflow
